"""Repositories on a server of this machine: what travels, what is refused, and where the token goes."""

import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from qtui.models.files.architecture import read_architecture
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.metadata import LazyArray
from qtui.models.hub.repository import open_hub
from tests.support.made_files import array, gguf_bytes, safetensors_bytes, text

pytest.importorskip("huggingface_hub", reason="the optional part for repositories is not installed")

BIG = 4 << 20
CONFIG = {
    "model_type": "llama",
    "hidden_size": 4,
    "num_hidden_layers": 1,
    "vocab_size": 3,
    "intermediate_size": 8,
    "num_attention_heads": 2,
}


def one(name: str, size: int) -> bytes:
    return safetensors_bytes({name: {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}, bytes(size))


TOKENS = ("tokenizer.ggml.tokens", 9, array(8, 2000, b"".join(text(f"word {i}") for i in range(2000))))
GGUF = gguf_bytes([("general.architecture", 8, text("llama")), TOKENS], [("t", (BIG,), 24, 0)], bytes(BIG))
INDEX = {"weight_map": {"a": "a.safetensors", "b": "b.safetensors"}}
REPOSITORIES: dict[str, dict[str, bytes]] = {
    "org/single": {"model.safetensors": one("w", BIG), "config.json": json.dumps(CONFIG).encode()},
    "org/sharded": {
        "model.safetensors.index.json": json.dumps(INDEX).encode(),
        "a.safetensors": one("a", BIG),
        "b.safetensors": one("b", 5),
    },
    "org/gguf": {"m-Q8_0.gguf": GGUF, "m-Q4_0.gguf": GGUF},
    "org/config": {"config.json": json.dumps(CONFIG).encode()},
    "org/empty": {"README.md": b"hello"},
    "org/escape": {"model.safetensors.index.json": b'{"weight_map": {"a": "../x"}}'},
    "org/lacking": {"model.safetensors.index.json": json.dumps(INDEX).encode(), "a.safetensors": one("a", 5)},
    "org/private": {"model.safetensors": one("w", 5)},
}


class Server(ThreadingHTTPServer):
    """Answers as the hub does; counts bytes of files sent and remembers who showed a token where."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent = 0
        self.tokens: list[tuple[str, str | None]] = []
        self.redirect = False
        self.ranges = True


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def _answer(self, head: bool) -> None:
        parts = self.path.split("?")[0].strip("/").split("/")
        token = self.headers.get("Authorization")
        if parts[:2] == ["api", "models"]:
            self._repository("/".join(parts[2:4]), token)
        elif parts[0] == "cdn":
            self.server.tokens.append(("cdn", token))
            self._file("/".join(parts[1:3]), parts[3], head)
        else:
            self.server.tokens.append(("hub", token))
            self._file("/".join(parts[:2]), "/".join(parts[4:]), head)

    def _repository(self, name: str, token: str | None) -> None:
        if name not in REPOSITORIES or (name == "org/private" and token != "Bearer hf_secret"):
            return self._plain(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        body = {"id": name, "sha": "abc123", "siblings": [{"rfilename": file} for file in REPOSITORIES[name]]}
        return self._plain(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _file(self, name: str, file: str, head: bool) -> None:
        data = REPOSITORIES[name][file]
        headers = {"ETag": '"e"', "X-Repo-Commit": "abc123", "Accept-Ranges": "bytes"}
        if head:
            port = self.server.server_address[1]
            if self.server.redirect:
                headers |= {"X-Linked-Size": str(len(data)), "X-Linked-Etag": '"e"'}
                headers["Location"] = f"http://localhost:{port}/cdn/{name}/{file}"
                return self._plain(302, b"", headers)
            return self._plain(200, b"", headers, len(data))
        status = 200
        asked = self.headers.get("Range")
        if asked and self.server.ranges:
            first, last = asked.removeprefix("bytes=").split("-")
            data, status = data[int(first) : int(last) + 1], 206
        self.server.sent += len(data)
        return self._plain(status, data, headers)

    def _plain(self, status: int, body: bytes, headers: dict[str, str], length: int | None = None) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the reader may have had enough
            self.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{made.server_address[1]}/")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    yield made
    made.shutdown()
    made.server_close()


def test_a_single_file_by_its_header_alone(server: Server) -> None:
    model = open_hub("org/single")
    assert (model.path, model.parameters) == ("hub:org/single/model.safetensors", BIG)
    assert server.sent < 300 << 10
    result = read_architecture(model)
    assert result is not None and result.arch.hidden_size == 4


def test_shards(server: Server) -> None:
    model = open_hub("org/sharded@main")
    assert [(t.name, t.path) for t in model.tensors] == [
        ("a", "hub:org/sharded/a.safetensors"),
        ("b", "hub:org/sharded/b.safetensors"),
    ]
    assert server.sent < 300 << 10


def test_a_gguf_by_name_and_its_arrays_on_demand(server: Server) -> None:
    with pytest.raises(ModelFileError, match="several models; name one, as in org/gguf:m-Q"):
        open_hub("org/gguf")
    model = open_hub("org/gguf:m-Q8_0.gguf")
    tokens = model.metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, LazyArray)
    assert tokens.first(2) == ["word 0", "word 1"]


def test_a_repository_with_a_config_alone(server: Server) -> None:
    model = open_hub("org/config")
    result = read_architecture(model)
    assert model.kind == "config" and result is not None and result.arch.num_layers == 1


def test_the_token_goes_to_the_hub_and_never_to_where_it_redirects(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    server.redirect = True
    assert open_hub("org/private").parameters == 5
    assert ("hub", "Bearer hf_secret") in server.tokens
    assert {token for place, token in server.tokens if place == "cdn"} == {None}
    server.redirect = False
    open_hub("org/private")
    assert {token for place, token in server.tokens if place == "hub"} == {"Bearer hf_secret"}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("org/private", "not there, or private"),
        ("org/nothing", "not there, or private"),
        ("org/empty", "holds no safetensors"),
        ("org/escape", "plain file name"),
        ("org/lacking", "needs b.safetensors"),
        ("org/single:other.gguf", "has no model file 'other.gguf'; it has model.safetensors"),
        ("single", "write org/repo"),
        ("org/../etc", "write org/repo"),
        ("", "write org/repo"),
    ],
)
def test_what_can_not_be_opened_is_said_in_one_line(server: Server, spec: str, words: str) -> None:
    with pytest.raises(ModelFileError, match=words) as caught:
        open_hub(spec)
    assert "\n" not in str(caught.value)


def test_a_server_without_ranges_sends_little_all_the_same(server: Server) -> None:
    server.ranges = False
    assert open_hub("org/single").parameters == BIG


def test_no_server_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(ModelFileError, match="check the connection and HF_ENDPOINT"):
        open_hub("org/single")


def test_without_the_package_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelFileError, match=r"pip install 'qtui\[hub\]'"):
        open_hub("org/single")
