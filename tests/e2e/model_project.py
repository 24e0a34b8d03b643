"""A project that asks models: its sluice.yaml, its state, and a watch over secrets."""

import base64
import sqlite3
from urllib.parse import quote

from project import Project

# Made up: no account has them.
KEY = "sk-made-up-5f2c9d7e41b8"  # pragma: allowlist secret
LITERAL_KEY = "sk-written-out-83aa017c66d2"  # pragma: allowlist secret
PROXY_PASSWORD = "proxy-pass-9b1f4e7720"  # pragma: allowlist secret
SECRETS = (KEY, LITERAL_KEY, PROXY_PASSWORD)
QUESTION = "How many orders have each status?"
BY_STATUS = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"


def model(server, provider="openai", **options):
    """An entry under `models:`, as YAML in one line."""
    fields = {"provider": provider, "base_url": server.url + ("/v1" if provider == "openai" else ""), "model": "made-up-1", "api_key": "${MODEL_KEY}",
              "price": "{input: 2, output: 10}", "timeout": "20s", **options}
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items() if value is not None) + "}"


class ModelProject(Project):
    """`models`: name → entry. Keeps every word that any command said."""

    def __init__(self, sluice, folder, init, models, agent="{candidates: 1, fast_path: none}", budgets=""):
        super().__init__(sluice, folder, init, env={"MODEL_KEY": KEY, "NO_PROXY": "", "no_proxy": "", "HTTP_PROXY": "", "http_proxy": ""})
        self.said = []
        with open(self.folder / "sluice.yaml", "a", encoding="utf-8") as config:
            config.write("models:\n" + "".join(f"  {name}: {entry}\n" for name, entry in models.items()))
            config.write(f"agents: {{ask: {agent}}}\n")
            config.write(f"budgets: {budgets}\n" if budgets else "")

    def run(self, *args, **options):
        ran = super().run(*args, **options)
        if hasattr(self, "said"):
            self.said.append((ran.args, ran.out + ran.err))
        return ran

    def ask(self, *args, question=QUESTION, **options):
        return self.run("ask", question, "--approve", "policy", "--output", "json", *args, **options)

    def prompts(self, run_id):
        """What was asked of models in a run."""
        return self.json("runs", "show", run_id, "--prompts")

    def costs(self, by="model"):
        return self.json("costs", "--by", by)

    def change(self, old, new):
        config = self.folder / "sluice.yaml"
        text = config.read_text(encoding="utf-8")
        assert old in text
        config.write_text(text.replace(old, new), encoding="utf-8")

    def state(self):
        """Every file that the program wrote."""
        return [path for path in self.folder.rglob("*") if path.is_file() and path.name != "sluice.yaml"]

    def check_secrets(self, secrets=SECRETS):
        """No secret, in no spelling, in any file or word of any command."""
        spellings = {spelling for secret in secrets for spelling in spellings_of(secret)}
        texts = [(" ".join(args), text.encode()) for args, text in self.said]
        texts += [(str(path), path.read_bytes()) for path in self.state()]
        texts += [(f"{path}, as rows", rows_of(path)) for path in self.state() if path.name == "journal.db"]
        found = [(where, spelling) for where, text in texts for spelling in spellings if spelling in text]
        assert found == [], found


def spellings_of(secret):
    return {secret.encode(), quote(secret, safe="").encode(), base64.b64encode(f"reader:{secret}".encode()), base64.b64encode(secret.encode())[:-3],
            secret.encode().hex().encode(), secret[4:].encode(), secret[:-4].encode()}


def rows_of(path):
    """A value that pages split is whole again here."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return "\n".join(connection.iterdump()).encode()
    finally:
        connection.close()
