"""Every setting of the service, from one TOML file and the environment; the environment wins."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from augenblick.model.errors import BadParameter, UnreadableFile
from augenblick.publish.compartments import publishable
from augenblick.publish.remote import RemoteStore

MOST_PAUSE = 3600.0
"""Seconds between two attempts at a webhook, at most."""
CONFIG_VARIABLE = "AUGENBLICK_CONFIG"
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


class QueryLimits(BaseModel):
    """What one SPARQL request of a role may cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = Field(default=60.0, gt=0, description="Seconds until the query is killed.")
    rows: int | None = Field(
        default=None, gt=0, description="Most rows or triples of an answer; absent: any number, streamed."
    )
    megabytes: int = Field(default=4096, gt=0, description="Most megabytes of an answer.")


class Working(BaseModel):
    """Graphs the people of a role may write for themselves; nobody else sees them, nothing is inferred from them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    graphs: tuple[str, ...] = Field(
        min_length=1,
        description="Their IRIs; one that ends with `*` stands for all that begin so. The first is what an update "
        "without a graph's name writes.",
    )
    triples: int = Field(1_000_000, gt=0, description="Most triples in all of them, for each purpose.")

    @field_validator("graphs")
    @classmethod
    def _apart(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse names that published graphs may have."""
        if taken := [name for name in names if publishable(name.rstrip("*"))]:
            raise ValueError(f"{taken[0]} may be the name of a published graph; take one outside of …/graph/")
        return names

    def holds(self, graph: str) -> bool:
        """Say whether a graph is one of them."""
        return not publishable(graph) and any(
            graph.startswith(each[:-1]) if each.endswith("*") else graph == each for each in self.graphs
        )

    @property
    def default(self) -> str:
        """The graph that is written where none is named."""
        first = self.graphs[0]
        return f"{first[:-1]}default" if first.endswith("*") else first


class Webhook(BaseModel):
    """A subscriber of the change feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9-]{1,60}$", description="Its name.")
    url: str = Field(
        pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/]).+", description="Where events go; https, or loopback."
    )
    secret: SecretStr = Field(min_length=24, description="What events are signed with.")
    role: str = Field("crm", description="The role whose sight decides which changes it gets.")
    purpose: str = Field("service", description="The purpose it gets them for.")
    attempts: int = Field(12, ge=1, le=100, description="After so many failed attempts a change is given up.")

    def pause(self, attempts: int) -> float:
        """Return the seconds until the next attempt: twice as long each time, an hour at most."""
        return min(2.0**attempts, MOST_PAUSE)


class Settings(BaseSettings):
    """What `augenblick serve` can be told; names are those of the TOML file."""

    model_config = SettingsConfigDict(
        env_prefix="AUGENBLICK_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data: Path = Field(Path("augenblick-data"), description="The data directory.")
    host: str = Field("127.0.0.1", description="The address to listen on; beyond loopback only with `token_keys`.")
    port: int = Field(8765, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str | None = Field(
        None, pattern=r"^https?://[^/]+$", description="How callers reach the service, where that differs (proxy)."
    )
    tls_certificate: Path | None = Field(
        None, description="The certificate chain (PEM); with it the service speaks TLS."
    )
    tls_key: Path | None = Field(None, description="The certificate's private key (PEM).")

    token_keys: str | None = Field(
        None,
        description="The JWKS of the access tokens: a file or an https URL. Absent: no sign-in, loopback only.",
    )
    token_issuer: str | None = Field(None, description="The `iss` tokens must carry; absent: any.")
    token_audience: str = Field("augenblick", description="The `aud` tokens must carry.")
    token_algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "PS256", "ES256", "Ed25519"), min_length=1, description="Signature algorithms that are accepted."
    )
    token_roles_claim: str = Field("roles", description="The claim that lists the roles; `scope` is read too.")
    adviser_claim: str | None = Field(
        None,
        description="The claim, of access and ID tokens, by which the column `adviser` of `customers` names people; "
        "absent: as whom they are known here (`sub`, on the pages `oidc_subject_claim`).",
    )
    token_skew_seconds: int = Field(60, ge=0, le=600, description="By how much clocks may differ.")
    token_keys_seconds: int = Field(300, ge=10, description="After how many seconds keys from a URL are read again.")

    oidc_issuer: str | None = Field(
        None,
        pattern=r"^(https://|http://(127\.0\.0\.1|localhost):).+",
        description="The identity provider people sign in to the pages with (OpenID Connect); needs `token_keys` too.",
    )
    oidc_client_id: str | None = Field(None, description="As what the provider knows these pages.")
    oidc_client_secret: SecretStr | None = Field(None, description="Their secret, where the provider wants one.")
    oidc_scopes: str = Field("openid profile", description="The scopes asked for, parted by blanks.")
    oidc_subject_claim: str = Field(
        "sub",
        description="The claim people are known by in the audit log and as authors; unique for ever.",
    )

    cors_origins: tuple[str, ...] = Field(
        (), description="Origins whose browser pages may call, e.g. https://yasgui.example."
    )
    body_megabytes: int = Field(
        64, gt=0, description="Most megabytes of a request's body; larger files go by `augenblick ingest`."
    )
    body_seconds: float = Field(30.0, gt=0, description="Seconds within which a request's body must have arrived.")
    requests_per_minute: int = Field(6000, gt=0, description="Requests a minute an actor may send to `/v1`.")
    connections: int = Field(2000, gt=0, description="Most connections at a time; further ones are answered with 503.")

    query_workers: int = Field(2, ge=1, le=64, description="Processes that answer SPARQL.")
    query_waiting: int = Field(
        32, ge=0, description="SPARQL requests that may wait for a process; further ones are answered with 503."
    )
    query_memory_megabytes: int = Field(4096, ge=128, description="Most memory of one such process.")
    query_limits: dict[str, QueryLimits] = Field(
        default_factory=lambda: {
            "adviser": QueryLimits(seconds=10, rows=10_000, megabytes=64),
            "crm": QueryLimits(seconds=5, rows=10_000, megabytes=64),
        },
        description="Limits by role; an actor has those of the most generous of the roles, others the defaults.",
    )

    working_graphs: dict[str, Working] = Field(
        default_factory=dict,
        description="By role: the graphs it may write by SPARQL Update and the Graph Store Protocol (graphs, triples). "
        "They are apart for each purpose; absent: none.",
    )

    remote_store: RemoteStore | None = Field(
        None,
        description="A SPARQL 1.1 store the graph is published to, too, and from which SPARQL is answered (query, "
        "update, name, user, password, token, seconds); absent: the embedded one answers.",
    )

    webhooks: tuple[Webhook, ...] = Field(
        (), description="Subscribers of the change feed: name, url, secret, role, purpose, attempts."
    )
    as_of: date | None = Field(
        None, description="The day moments are derived as of; absent: today. For an export that ended earlier."
    )
    retention: Literal["aged", "all", "off"] = Field(
        "aged",
        description="What is deleted of what is older than its retention period, at the start, then once a day, by "
        "`as_of` where that is set. aged: what became so here; what was so when it was loaded is told in the log and "
        "waits for `augenblick expire`. all: that, too. off: only `augenblick expire` deletes.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which `read_settings` hands in."""
        return env_settings, init_settings

    @property
    def open(self) -> bool:
        """Whether anybody may call without signing in."""
        return self.token_keys is None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def limits_of(settings: Settings, role: str) -> QueryLimits:
    """Return what a query of the role may cost."""
    return settings.query_limits.get(role, QueryLimits())


def read_settings(path: Path | None = None, **given: Any) -> Settings:
    """Return the settings of the file (default: the one AUGENBLICK_CONFIG names, if any), the environment and `given`.

    What is given wins over all. Raises `UnreadableFile` and `BadParameter`, naming the setting.
    """
    named = path or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    try:
        settings = Settings(**(_file(named) if named else {}))
        return Settings.model_validate(settings.model_dump() | given) if given else settings
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadParameter(
            f"The setting '{name}' is not as it must be: {first['msg']}.",
            where=str(named) if named else "environment",
            hint="docs/reference/settings.md lists all settings",
        ) from None


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(f"The configuration cannot be read: {error}", where=str(path)) from error


def refuse_open_doors(settings: Settings) -> None:
    """Raise `BadParameter` where anybody from another machine would be answered, or something is half configured."""
    if settings.open and not settings.loopback:
        raise BadParameter(
            f"Without sign-in the service listens on loopback only, not on {settings.host}.",
            where="host",
            hint="set `token_keys` to the JWKS of your identity provider, or host to 127.0.0.1",
        )
    if settings.oidc_issuer and (settings.open or not settings.oidc_client_id):
        raise BadParameter(
            "Sign-in by OpenID Connect needs `oidc_client_id` and `token_keys`.",
            where="oidc_issuer",
            hint="set `token_keys` to the JWKS of the same provider: REST and SPARQL ask for its access tokens",
        )
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise BadParameter("TLS needs both `tls_certificate` and `tls_key`.", where="tls_certificate")
