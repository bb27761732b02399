"""A small real FastAPI application: books that are lent to members. Its own OpenAPI document is what gets imported."""

from __future__ import annotations

from enum import StrEnum
from itertools import count
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field


class Genre(StrEnum):
    novel = "novel"
    poetry = "poetry"
    essay = "essay"


class NewBook(BaseModel):
    title: str = Field(min_length=3, max_length=80)
    genre: Genre
    pages: int = Field(ge=1, le=2000)
    isbn: str | None = Field(default=None, pattern=r"^97[89]-[0-9]{10}$")


class Book(NewBook):
    id: int
    lent_to: int | None = None


class NewMember(BaseModel):
    name: str
    email: str = Field(examples=["reader@example.com"])


class Member(NewMember):
    member_id: int


class Loan(BaseModel):
    member_id: int
    weeks: int = Field(ge=1, le=4)


def caller(x_library: Annotated[str, Header()]) -> str:
    return x_library


def create_app() -> FastAPI:
    app = FastAPI(title="Village Library", version="1.0.0")
    books: dict[int, Book] = {}
    members: dict[int, Member] = {}
    numbers = count(1)

    @app.get("/books", summary="Browse the shelves")
    async def list_books(genre: Annotated[Genre | None, Query()] = None) -> list[Book]:
        return [b for b in books.values() if genre is None or b.genre == genre]

    @app.post("/books", status_code=201, summary="Put a book on the shelf", dependencies=[Depends(caller)])
    async def add_book(book: NewBook) -> Book:
        made = Book(id=next(numbers), **book.model_dump())
        books[made.id] = made
        return made

    @app.get("/books/{book_id}", summary="Look at a book", responses={404: {"description": "not ours"}})
    async def read_book(book_id: Annotated[int, Path(ge=1)]) -> Book:
        if book_id not in books:
            raise HTTPException(404)
        return books[book_id]

    @app.put("/books/{book_id}", summary="Correct a book", responses={404: {"description": "not ours"}})
    async def correct_book(book_id: int, book: NewBook) -> Book:
        if book_id not in books:
            raise HTTPException(404)
        books[book_id] = Book(id=book_id, **book.model_dump())
        return books[book_id]

    @app.post("/books/{book_id}/lend", summary="Lend a book", responses={409: {"description": "it is lent"}})
    async def lend_book(book_id: int, loan: Loan) -> Book:
        if book_id not in books or loan.member_id not in members:
            raise HTTPException(404)
        if books[book_id].lent_to not in (None, loan.member_id):
            raise HTTPException(409)
        books[book_id].lent_to = loan.member_id
        return books[book_id]

    @app.delete("/books/{book_id}", status_code=204, summary="Remove a book")
    async def remove_book(book_id: int) -> None:
        if books.pop(book_id, None) is None:
            raise HTTPException(404)

    @app.post("/members", status_code=201, summary="Join the library")
    async def join(member: NewMember) -> Member:
        made = Member(member_id=next(numbers), **member.model_dump())
        members[made.member_id] = made
        return made

    @app.get("/members/{member_id}", summary="Look up a member")
    async def read_member(member_id: int) -> Member:
        if member_id not in members:
            raise HTTPException(404)
        return members[member_id]

    return app


BEARER = HTTPBearer()


def create_locked_app() -> FastAPI:
    """A service that lets nobody in without the right token."""
    app = FastAPI(title="Vault")

    @app.get("/coins")
    async def coins(given: Annotated[HTTPAuthorizationCredentials, Depends(BEARER)]) -> list[int]:
        if given.credentials != "open-sesame":
            raise HTTPException(403)
        return [1]

    return app
