"""An OpenTelemetry collector on loopback, and how to read what it took."""

import http.server
import json
import threading


class Collector:
    """Takes OTLP over HTTP with JSON, as a collector does."""

    def __init__(self):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                collector.requests.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.requests = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        if not self.thread.is_alive():
            return
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def spans(self):
        return [span for _, _, body in self.requests for resource in body["resourceSpans"] for scope in resource["scopeSpans"] for span in scope["spans"]]


def value(span, key):
    return next(next(iter(each["value"].values())) for each in span["attributes"] if each["key"] == key)
