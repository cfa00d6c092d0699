"""Models in Hugging Face repositories, from their headers alone; needs the optional huggingface_hub.

HF_ENDPOINT names another server than huggingface.co, HF_TOKEN opens private and gated repositories (huggingface_hub's
own saved login does as well). Nothing here runs unless a repository is asked for by name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from qtui.models.files.json_text import parse_json
from qtui.models.files.model_file import ModelFile
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.header import read_gguf
from qtui.models.gguf.split import PART, join_parts
from qtui.models.hub.source import HubSource, same_host
from qtui.models.safetensors.header import read_safetensors
from qtui.models.safetensors.index import INDEX_LIMIT, join_shards, weight_map

DEFAULT_ENDPOINT = "https://huggingface.co"
CONFIG_LIMIT = 8 << 20
GGUF_WINDOW = 4 << 20  # a tokenizer's header in a few requests
WORKERS = 8
_SPEC = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+?))?(?::(?P<file>.+))?")
T = TypeVar("T")


class Repository(NamedTuple):
    """A repository at one revision, and the files in it."""

    name: str
    revision: str
    endpoint: str
    token: str | None
    files: tuple[str, ...]


def open_hub(spec: str) -> ModelFile:
    """The model in "org/repo", "org/repo@revision" or "org/repo:file.gguf", without its weights.

    Raises ModelFileError with one sentence: what is missing, private, ambiguous or unreachable, and what to do.
    """
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise ModelFileError(f"{spec!r} is no repository; write org/repo, or org/repo:file.gguf for one of its files")
    repository = _look_up(match["repo"], match["revision"])
    config = _config(repository)
    name = _choose(repository, match["file"])
    if name is None and config is not None:
        return ModelFile(f"hub:{repository.name}", "config", (), (), config, config=config)
    if name is None:
        raise ModelFileError(f"{repository.name} holds no safetensors, GGUF or config.json; try another repository")
    if name.endswith(".index.json"):
        return _sharded(repository, name, config)
    if name.endswith(".gguf"):
        return _gguf(repository, name)
    source = _source(repository, name)
    header = read_safetensors(source)
    return ModelFile(
        source.name, "safetensors", (source.name,), header.tensors, header.metadata, None, source.identity, config
    )


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise ModelFileError(
            "--hub needs the huggingface_hub package; install it with: pip install 'qtui[hub]'"
        ) from None
    return huggingface_hub


def _answer_of(what: str, ask: Callable[[], T]) -> T:
    """What `ask` gives; whatever the library raises becomes a sentence that names `what`."""
    from huggingface_hub import errors

    try:
        return ask()
    except errors.GatedRepoError:
        reason = "is gated; accept its terms on the web page and set HF_TOKEN"
    except errors.RepositoryNotFoundError:
        reason = "is not there, or private; check the name, or set HF_TOKEN"
    except errors.RevisionNotFoundError:
        reason = "has no such revision; check what follows the @"
    except errors.EntryNotFoundError:
        reason = "is not there; check the name of the file"
    except errors.HFValidationError:
        reason = "is no repository name; write org/repo"
    except errors.OfflineModeIsEnabled:
        reason = "can't be reached, as HF_HUB_OFFLINE is set; unset it"
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        reason = f"can't be read: the server answers {status or 'with an error'}; try again"
    except Exception as error:  # whatever the library's HTTP client raises, which differs from version to version
        kind = type(error).__name__
        reason = f"can't be reached ({kind}); check the connection and HF_ENDPOINT"
    raise ModelFileError(f"{what} {reason}") from None


def _look_up(name: str, revision: str | None) -> Repository:
    library = _library()
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or DEFAULT_ENDPOINT
    token = os.environ.get("HF_TOKEN") or library.get_token()
    api = library.HfApi(endpoint=endpoint, token=token or False, library_name="qtui")
    info = _answer_of(name, lambda: api.model_info(name, revision=revision, timeout=30))
    files = tuple(sorted(sibling.rfilename for sibling in info.siblings or ()))
    return Repository(name, info.sha or revision or "main", endpoint, token, files)


def _choose(repository: Repository, wanted: str | None) -> str | None:
    """The file to read, None where there is none with weights. Raises ModelFileError where there are several."""
    files = repository.files
    if wanted is not None:
        if wanted in files and wanted.endswith((".safetensors", ".gguf", ".index.json")):
            return wanted
        raise ModelFileError(f"{repository.name} has no model file {wanted!r}; {_listed(files)}")
    for name in ("model.safetensors.index.json", "model.safetensors"):
        if name in files:
            return name
    top = [name for name in files if "/" not in name]
    tensors = [name for name in top if name.endswith((".safetensors.index.json", ".safetensors"))]
    ggufs = [name for name in files if name.endswith(".gguf") and _is_first_part(name)]
    choices = [n for n in tensors if n.endswith(".json")] or tensors or ggufs
    if len(choices) > 1:
        raise ModelFileError(
            f"{repository.name} holds several models; name one, as in {repository.name}:{choices[0]}"
        )
    return choices[0] if choices else None


def _is_first_part(name: str) -> bool:
    """False for later parts of a split GGUF and for a vision tower beside its model."""
    part = PART.match(name)
    return (part is None or int(part["number"]) == 1) and not name.rpartition("/")[2].startswith("mmproj")


def _listed(files: tuple[str, ...]) -> str:
    models = [name for name in files if name.endswith((".safetensors", ".gguf"))]
    return f"it has {', '.join(models[:4])}{' ...' if len(models) > 4 else ''}" if models else "it has none at all"


def _source(repository: Repository, name: str) -> HubSource:
    """The file `name`, found by a HEAD request that follows redirects."""
    library = _library()
    url = library.hf_hub_url(repository.name, name, revision=repository.revision, endpoint=repository.endpoint)
    label = f"hub:{repository.name}/{name}"

    def ask() -> Any:
        return library.get_hf_file_metadata(url, token=repository.token or False, timeout=30)

    metadata = _answer_of(label, ask)
    if metadata.size is None:
        raise ModelFileError(f"{label}: the server does not say how large it is; download the file")
    if not metadata.location.startswith(("http://", "https://")):
        raise ModelFileError(f"{label}: the server points to {metadata.location[:60]!r}, which is no web address")
    token = repository.token if same_host(metadata.location, repository.endpoint) else None
    return HubSource(label, metadata.size, metadata.location, f"{metadata.commit_hash}-{metadata.etag}", token)


def _whole(repository: Repository, name: str, limit: int) -> bytes:
    source = _source(repository, name)
    if source.size > limit:
        raise ModelFileError(f"{source.name} is too large to be read ({source.size:,} bytes); check the repository")
    return source.read(0, source.size)


def _config(repository: Repository) -> dict[str, Any] | None:
    if "config.json" not in repository.files:
        return None
    raw = _whole(repository, "config.json", CONFIG_LIMIT)
    config = parse_json(f"hub:{repository.name}/config.json", raw, infinities=True)
    return config if isinstance(config, dict) else None


def _sharded(repository: Repository, name: str, config: dict[str, Any] | None) -> ModelFile:
    path = f"hub:{repository.name}/{name}"
    places = weight_map(path, _whole(repository, name, INDEX_LIMIT))
    shards = sorted(set(places.values()))
    folder = name[: len(name) - len(name.rpartition("/")[2])]
    missing = [shard for shard in shards if folder + shard not in repository.files]
    if missing:
        raise ModelFileError(f"{path} needs {missing[0]}, which the repository does not have; try another one")

    def read(shard: str) -> tuple[Any, str]:
        source = _source(repository, folder + shard)
        return read_safetensors(source), source.identity

    with ThreadPoolExecutor(WORKERS) as pool:
        headers = list(pool.map(read, shards))
    return replace(join_shards(path, places, shards, headers), config_path=None, config=config)


def _gguf(repository: Repository, name: str) -> ModelFile:
    split = PART.match(name)
    count = int(split["count"]) if split else 1
    parts = (
        [f"{split['stem']}-{i:05}-of-{count:05}.gguf" for i in range(1, count + 1)] if split and count > 1 else [name]
    )
    missing = [part for part in parts if part not in repository.files]
    if missing:
        raise ModelFileError(f"hub:{repository.name}/{name} needs {missing[0]}, which the repository does not have")

    def read(part: str) -> tuple[Any, str]:
        source = _source(repository, part)
        return read_gguf(source, GGUF_WINDOW), source.identity

    with ThreadPoolExecutor(WORKERS) as pool:
        headers = list(pool.map(read, parts))
    path = f"hub:{repository.name}/{name}"
    paths = tuple(f"hub:{repository.name}/{part}" for part in parts)
    if len(parts) > 1:
        return join_parts(path, paths, headers)
    header, identity = headers[0]
    return ModelFile(path, "gguf", paths, header.tensors, header.metadata, identity=identity)
