"""The peers of bench/models.py: the same calls to the same server by OpenAI's own client for Python and by LiteLLM's.

    models_peers.py calls openai|litellm PORT COUNT       milliseconds of calls one after another, streamed and not
    models_peers.py many openai PORT COUNT                milliseconds of so many calls at once, in asyncio

Standard input holds the request's body, as `models_bench request` prints it. Prints one line of JSON.
"""

import asyncio
import json
import os
import sys
import time

WARM_UP = 20
SECONDS_MAX = 60
KEY = "sk-bench-0123456789"


def arguments_of(body, streamed):
    return {**body, "stream": True, "stream_options": {"include_usage": True}} if streamed else body


def text_of(answer, streamed):
    if not streamed:
        return answer.choices[0].message.content
    return "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)


def openai_call(port):
    import openai

    client = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key=KEY, timeout=SECONDS_MAX)
    return lambda body, streamed: text_of(client.chat.completions.create(**arguments_of(body, streamed)), streamed)


def litellm_call(port):
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # otherwise it asks the network for prices
    import litellm

    litellm.telemetry = False

    def call(body, streamed):
        arguments = arguments_of({**body, "model": "openai/" + body["model"]}, streamed)
        return text_of(litellm.completion(**arguments, api_base=f"http://127.0.0.1:{port}/v1", api_key=KEY, timeout=SECONDS_MAX), streamed)

    return call


CALLS = {"openai": openai_call, "litellm": litellm_call}


def calls(name, port, count, body):
    call, out = CALLS[name](port), {}
    for which, streamed in (("whole", False), ("streamed", True)):
        times = []
        for _ in range(WARM_UP + count):
            start = time.perf_counter()
            text = call(body, streamed)
            times.append((time.perf_counter() - start) * 1000)
            json.loads(text)
        out[which] = times[WARM_UP:]
    return out


def peak_kb():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


async def many(port, count, body):
    import openai

    client = openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key=KEY, timeout=SECONDS_MAX)

    async def call():
        stream = await client.chat.completions.create(**arguments_of(body, True))
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    json.loads(await call())
    before = peak_kb()
    start = time.perf_counter()
    texts = await asyncio.gather(*(call() for _ in range(count)))
    took = (time.perf_counter() - start) * 1000
    for text in texts:
        json.loads(text)
    return {"ms": took, "peak_kb": peak_kb(), "before_kb": before}


def main(arguments):
    body = json.load(sys.stdin)
    mode, name, port, count = arguments[0], arguments[1], int(arguments[2]), int(arguments[3])
    print(json.dumps(asyncio.run(many(port, count, body)) if mode == "many" else calls(name, port, count, body)))


if __name__ == "__main__":
    main(sys.argv[1:])
