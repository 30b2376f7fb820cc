"""Speak to the service over HTTP as others do: people signed in, systems with a token."""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar
from typing import Any

from events.errors import TusoiError

ANSWER_SECONDS = 30
SESSION = "-session"  # ends the name of the session's cookie; the browser's mark is another one


class NotAnswered(TusoiError):
    """The service refused something that the story wants; it tells what."""

    code = "not_answered"

    def __init__(self, what: str, status: int, told: str) -> None:
        super().__init__(f"{what} answered {status}: {told}")
        self.status = status


class Client:
    """Speaks to the service as any other system does: with a token."""

    def __init__(self, address: str, secret: str) -> None:
        self._address = address
        self.secret = secret

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self._address + path))  # noqa: S310 - our own address

    def send(self, batch: Sequence[Any]) -> Any:
        body = json.dumps(batch, ensure_ascii=False).encode()
        request = urllib.request.Request(f"{self._address}/api/v1/events", data=body)  # noqa: S310
        request.add_header("Content-Type", "application/cloudevents-batch+json")
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Any:
        request.add_header("Authorization", f"Bearer {self.secret}")
        return fetch(urllib.request.build_opener(), request)


class Browser:
    """One person's session."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._csrf = ""
        self._jar = CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self._jar)
        self._opener = urllib.request.build_opener(cookies)

    def sign_in(self, login: str, password: str) -> None:
        """Begin a session. Raises NotAnswered."""
        answer = self.post("/api/v1/session", {"login": login, "password": password})
        self._csrf = answer["csrf"]

    def go_on(self, secret: str) -> None:
        """Go on in a session begun for whoever signed in here before. Raises NotAnswered."""
        (cookie,) = (each for each in self._jar if each.name.endswith(SESSION))
        cookie.value = secret
        self._csrf = self.get("/api/v1/me")["csrf"]

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self._address + path))  # noqa: S310 - our own address

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return what a command answers; done twice with the same body it would be done once."""
        data = json.dumps(body, ensure_ascii=False).encode()
        return self._send(path, data, "application/json")

    def upload(self, path: str, text: str, files: Mapping[str, bytes]) -> Any:
        """Hand in words and files as a form does."""
        boundary = uuid.uuid5(uuid.NAMESPACE_URL, path + text).hex
        parts = [_part(boundary, 'name="text"', text.encode())]
        parts += [
            _part(boundary, f'name="files"; filename="{name}"', content)
            for name, content in files.items()
        ]
        data = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._send(path, data, f"multipart/form-data; boundary={boundary}")

    def fill_in(self, path: str, fields: Mapping[str, str]) -> Any:
        """Send a page's form."""
        data = urllib.parse.urlencode(fields).encode()
        return self._send(path, data, "application/x-www-form-urlencoded")

    def _send(self, path: str, data: bytes, media_type: str) -> Any:
        request = urllib.request.Request(self._address + path, data=data)  # noqa: S310
        request.add_header("Content-Type", media_type)
        request.add_header("X-CSRF-Token", self._csrf)
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Any:
        return fetch(self._opener, request)


def fetch(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> Any:
    """Return the JSON, or the plain text, that a request is answered with. Raises NotAnswered."""
    try:
        with opener.open(request, timeout=ANSWER_SECONDS) as answer:
            told = answer.read()
            is_text = answer.headers.get_content_maintype() == "text"
            return told.decode() if is_text else json.loads(told or b"null")
    except urllib.error.HTTPError as error:
        told = error.read().decode(errors="replace")
        what = f"{request.get_method()} {request.selector}"
        raise NotAnswered(what, error.code, told) from error


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"
