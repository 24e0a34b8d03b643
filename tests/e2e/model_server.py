"""A language model's service on loopback that answers as a test lays it out, in the protocols of OpenAI, Anthropic and Gemini."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SOCKET_SECONDS_MAX = 60
TOKENS_IN, TOKENS_OUT = 100, 20


@dataclass
class Answer:
    """Bytes as they are. `sent`: only so many of them go out before the connection is closed."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    delay: float = 0
    sent: int | None = None


@dataclass
class Said:
    """A model's reply, put as the protocol of the request wants it."""

    text: str
    finish: str = "stop"  # or "length", "refused"
    tokens: tuple = (TOKENS_IN, TOKENS_OUT)
    delay: float = 0
    sent: int | None = None


def sql(statement, explanation="As it was asked.", confidence=0.9):
    """The reply of a model that writes this query."""
    return Said(draft("sql", sql=statement, explanation=explanation, confidence=confidence))


def draft(kind, **fields):
    empty = {"explanation": "", "kind": kind, "sql": "", "confidence": 0.5, "asks": "", "choices": [], "look_for": []}
    return json.dumps({**empty, **fields})


def failing(status, message="made-up trouble", **options):
    """An error as OpenAI's API writes it."""
    body = json.dumps({"error": {"message": message, "type": options.pop("type", "made_up"), "code": options.pop("code", None)}})
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    return Answer(status=status, body=body.encode(), headers=headers, **options)


@dataclass
class Seen:
    """A request, and how far its answer got."""

    path: str
    headers: dict
    raw: bytes
    whole: bool = False  # the answer was written to its end
    tokens: tuple = (0, 0)  # that the answer said it took

    @property
    def body(self):
        return json.loads(self.raw)

    @property
    def prompt(self):
        """All that the model is told, as one text."""
        return json.dumps(self.body, ensure_ascii=False)


class ModelServer:
    """`answers`: one for each request in turn, the last for all that follow; or a function of the request. Any thread; stops with `with`."""

    def __init__(self, answers=(), host="127.0.0.1"):
        self.answers, self.seen, self.lock = answers, [], threading.Lock()
        self.came = threading.Condition(self.lock)
        self.server = ThreadingHTTPServer((host, 0), type("Bound", (Speaker,), {"of": self, "timeout": SOCKET_SECONDS_MAX}))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Nobody listens there any more."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()

    @property
    def port(self):
        return self.server.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def lay_out(self, *answers):
        """Other answers from now on, and a clean record."""
        with self.lock:
            self.answers, self.seen[:] = answers, []

    def take(self, request):
        """Records the request, and gives its answer."""
        with self.lock:
            number = len(self.seen)
            self.seen.append(request)
            self.came.notify_all()
            answers = self.answers
        if callable(answers):
            return answers(request)
        return answers[min(number, len(answers) - 1)]

    def wait_for(self, count, seconds=30):
        """Returns as soon as so many requests have come."""
        with self.lock:
            assert self.came.wait_for(lambda: len(self.seen) >= count, seconds), f"{len(self.seen)} requests came instead of {count}"

    def note_end(self, request):
        with self.lock:
            request.whole = True
            self.came.notify_all()

    def wait_for_answers(self, count, seconds=30):
        """Returns as soon as so many answers were written to their end."""
        with self.lock:
            assert self.came.wait_for(lambda: sum(seen.whole for seen in self.seen) >= count, seconds), "no whole answer"

    @property
    def calls(self):
        with self.lock:
            return len(self.seen)

    def whole_answers(self):
        """How often each distinct request was answered to the end."""
        with self.lock:
            return Counter(seen.raw for seen in self.seen if seen.whole)

    def tokens(self):
        """What all whole answers together said they took: in, out."""
        with self.lock:
            whole = [seen.tokens for seen in self.seen if seen.whole]
        return sum(tokens[0] for tokens in whole), sum(tokens[1] for tokens in whole)


class Speaker(BaseHTTPRequestHandler):
    """One connection. A URL in full instead of a path (as proxies get it) is taken as well."""

    of = None

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        target = urlsplit(self.path)
        request = Seen(target.path + ("?" + target.query if target.query else ""), dict(self.headers.items()), raw)
        answer = self.of.take(request)
        if answer.delay:
            time.sleep(answer.delay)
        if isinstance(answer, Said):
            request.tokens = answer.tokens
            answer = put(answer, request)
        if self.write(answer):
            self.of.note_end(request)

    def write(self, answer):
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body if answer.sent is None else answer.body[: answer.sent])
            self.wfile.flush()
            return answer.sent is None
        except OSError:
            return False  # whoever asked is gone

    def log_message(self, *_):
        pass


def put(said, request):
    """The reply in the words of the protocol that the request speaks, streamed where it asks for that."""
    if "generateContent" in request.path or "streamGenerateContent" in request.path:
        streamed, events = "stream" in request.path, gemini(said)
    elif request.path.endswith("/messages"):
        streamed = bool(request.body.get("stream"))
        events = anthropic_events(said, request) if streamed else [anthropic(said, request)]
    else:
        streamed = bool(request.body.get("stream"))
        events = openai_events(said, request) if streamed else [openai(said, request)]
    if streamed:
        body = "".join(event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n" for event in events)
    else:
        body = json.dumps(events[0])
    kind = "text/event-stream" if streamed else "application/json"
    return Answer(body=body.encode(), headers={"Content-Type": kind}, sent=said.sent)


FINISH_OPENAI = {"stop": "stop", "length": "length", "refused": "content_filter"}
FINISH_ANTHROPIC = {"stop": "end_turn", "length": "max_tokens", "refused": "refusal"}
FINISH_GEMINI = {"stop": "STOP", "length": "MAX_TOKENS", "refused": "SAFETY"}


def openai_usage(said):
    return {"prompt_tokens": said.tokens[0], "completion_tokens": said.tokens[1], "total_tokens": sum(said.tokens)}


def openai(said, request):
    choice = {"index": 0, "message": {"role": "assistant", "content": said.text}, "finish_reason": FINISH_OPENAI[said.finish]}
    return {"id": "made-up", "object": "chat.completion", "model": request.body["model"], "choices": [choice], "usage": openai_usage(said)}


def openai_events(said, request):
    head = {"id": "made-up", "object": "chat.completion.chunk", "model": request.body["model"]}
    middle = len(said.text) // 2
    for part in (said.text[:middle], said.text[middle:]):
        yield {**head, "choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": FINISH_OPENAI[said.finish]}]}
    yield {**head, "choices": [], "usage": openai_usage(said)}
    yield "data: [DONE]\n\n"


def anthropic(said, request):
    tools = request.body.get("tools")
    content = {"type": "text", "text": said.text}
    if tools:
        content = {"type": "tool_use", "id": "made-up", "name": tools[0]["name"], "input": json.loads(said.text)}
    return {"id": "made-up", "type": "message", "role": "assistant", "model": request.body["model"], "content": [content],
            "stop_reason": FINISH_ANTHROPIC[said.finish], "usage": {"input_tokens": said.tokens[0], "output_tokens": said.tokens[1]}}


def anthropic_events(said, request):
    tools = request.body.get("tools")
    block = {"type": "tool_use", "id": "made-up", "name": tools[0]["name"], "input": {}} if tools else {"type": "text", "text": ""}
    message = {"id": "made-up", "type": "message", "role": "assistant", "model": request.body["model"], "content": []}
    middle = len(said.text) // 2
    events = [{"type": "message_start", "message": {**message, "usage": {"input_tokens": said.tokens[0], "output_tokens": 1}}},
              {"type": "content_block_start", "index": 0, "content_block": block}]
    for part in (said.text[:middle], said.text[middle:]):
        delta = {"type": "input_json_delta", "partial_json": part} if tools else {"type": "text_delta", "text": part}
        events.append({"type": "content_block_delta", "index": 0, "delta": delta})
    events += [{"type": "content_block_stop", "index": 0},
               {"type": "message_delta", "delta": {"stop_reason": FINISH_ANTHROPIC[said.finish]}, "usage": {"output_tokens": said.tokens[1]}},
               {"type": "message_stop"}]
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]


def gemini(said):
    candidate = {"content": {"role": "model", "parts": [{"text": said.text}]}, "finishReason": FINISH_GEMINI[said.finish], "index": 0}
    return [{"candidates": [candidate], "usageMetadata": {"promptTokenCount": said.tokens[0], "candidatesTokenCount": said.tokens[1],
                                                          "totalTokenCount": sum(said.tokens)}}]
