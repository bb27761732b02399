"""Quantities: whatever varies (latency, think time, patience, typing). The unit is in the field's name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Noun

Magnitude = Annotated[float, Field(ge=0.0, le=1e9, allow_inf_nan=False)]


class Uniform(Noun):
    """Evenly distributed between ``min`` and ``max``, both included."""

    min: Magnitude
    max: Magnitude

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}; swap them")
        return self


class Percentiles(Noun):
    """Given by its median, 95th and (optionally) 99th percentile; log-linear in the normal score between and beyond."""

    p50: Annotated[Magnitude, Field(gt=0)]
    p95: Annotated[Magnitude, Field(gt=0)]
    p99: Annotated[Magnitude, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Percentiles:
        if not self.p50 <= self.p95 <= (self.p99 if self.p99 is not None else self.p95):
            raise ValueError("percentiles must rise: p50 <= p95 <= p99")
        return self


class Exponential(Noun):
    """Memoryless with the given mean."""

    kind: Literal["exponential"]
    mean: Annotated[Magnitude, Field(gt=0)]


class Lognormal(Noun):
    """Log-normal with the given median and 95th percentile."""

    kind: Literal["lognormal"]
    median: Annotated[Magnitude, Field(gt=0)]
    p95: Annotated[Magnitude, Field(gt=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Lognormal:
        if self.p95 < self.median:
            raise ValueError("p95 is below the median")
        return self


class Table(Noun):
    """Measured: values at equally spaced probabilities from 0 to 1, rising."""

    kind: Literal["table"]
    values: Annotated[tuple[Magnitude, ...], Field(min_length=2, max_length=4097)]

    @model_validator(mode="after")
    def _ordered(self) -> Table:
        if any(b < a for a, b in zip(self.values, self.values[1:], strict=False)):
            raise ValueError("table values must rise")
        return self


Quantity = Magnitude | Uniform | Percentiles | Exponential | Lognormal | Table
