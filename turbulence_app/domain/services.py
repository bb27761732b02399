"""Services that a workflow talks to, and the original's SUT file that may describe them apart."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Identifier, Noun

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class HttpService(Noun):
    """How to reach an HTTP service."""

    base_url: str
    headers: dict[str, str] = Field(default_factory=dict)
    timeout_seconds: Seconds = 30.0


class GrpcService(Noun):
    """How to reach a gRPC service (kept, not called on the model target)."""

    host: str
    port: Port
    use_tls: bool = False
    proto_path: str | None = None
    timeout_seconds: Seconds | None = None


class KafkaService(Noun):
    """A Kafka cluster (configuration only, as in the original)."""

    bootstrap_servers: str | tuple[str, ...]
    security_protocol: str | None = None
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None


class Service(Noun):
    """A service, written short (``base_url``) or as in the original (``protocol`` and its block)."""

    base_url: str | None = None
    timeout_seconds: Seconds | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    protocol: Literal["http", "grpc", "kafka"] = "http"
    http: HttpService | None = None
    grpc: GrpcService | None = None
    kafka: KafkaService | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Service:
        if self.base_url is not None and self.http is not None:
            raise ValueError("give base_url or http, not both")
        return self

    @property
    def timeout(self) -> float:
        """Seconds until the client gives a call up."""
        if self.timeout_seconds is not None:
            return self.timeout_seconds
        return self.http.timeout_seconds if self.http else 30.0


class SutProfile(Noun):
    """An environment of the system under test: other addresses and headers for the same services."""

    default_headers: dict[str, str] = Field(default_factory=dict)
    services: dict[Identifier, Service] = Field(default_factory=dict)


class Sut(Noun):
    """The original's SUT file: the system under test."""

    name: str
    default_headers: dict[str, str] = Field(default_factory=dict)
    services: dict[Identifier, Service] = Field(default_factory=dict)
    profiles: dict[Identifier, SutProfile] = Field(default_factory=dict)
    default_profile: Identifier | None = None
