"""The FastAPI app that is measured: a GET with path and query parameter, a POST with a model."""

from __future__ import annotations

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Line(BaseModel):  # noqa: D101
    sku: str
    quantity: int
    price: float


class Order(BaseModel):  # noqa: D101
    customer: str
    lines: list[Line]


@app.get("/items/{item_id}")
async def item(item_id: int, limit: int = 10) -> dict[str, int | str]:
    return {"id": item_id, "name": f"item {item_id}", "limit": limit}


@app.post("/orders")
async def create(order: Order) -> dict[str, str | int | float]:
    total = sum(line.quantity * line.price for line in order.lines)
    return {"customer": order.customer, "lines": len(order.lines), "total": total}
