"""The settings of the MQTT broker to which incidents go."""

from typing import Literal, Optional

from pydantic import Field, SecretStr, model_validator
from typing_extensions import Self

from agent.config.section import FilePath, HostName, Section, broken_rule


class TlsSettings(Section):
    """Encryption; setting any of these turns it on."""

    enabled: bool = Field(
        False,
        description="Encrypt with the system's certificate authorities. Any other TLS setting implies it.",
    )
    ca_file: Optional[FilePath] = Field(
        None,
        description="The certificate authority that signed the broker's certificate (PEM).",
        examples=["/etc/beffroi/ca.pem"],
    )
    cert_file: Optional[FilePath] = Field(
        None,
        description="This device's own certificate (PEM), for mutual TLS.",
        examples=["/etc/beffroi/device.pem"],
    )
    key_file: Optional[FilePath] = Field(
        None,
        description="The private key of cert_file (PEM, not encrypted).",
        examples=["/etc/beffroi/device.key"],
    )
    insecure: bool = Field(False, description="Accept any certificate: for a test bench only.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.cert_file is not None and self.key_file is None:
            raise broken_rule(
                "cert_file",
                "needs mqtt.tls.key_file",
                "Add key_file, or the same path if one file holds both",
            )
        if self.key_file is not None and self.cert_file is None:
            raise broken_rule("key_file", "needs mqtt.tls.cert_file", "Add cert_file")
        return self


class MqttSettings(Section):
    """The broker; without this section nothing is published."""

    host: HostName = Field(description="The broker.", examples=["broker.example"])
    port: Optional[int] = Field(
        None, ge=1, le=65535, description="1883, or 8883 with TLS, if left out.", examples=[8883]
    )
    version: Literal["3.1.1", "5"] = Field("5", description="The version of MQTT.")
    username: Optional[str] = Field(None, min_length=1, examples=["beffroi"], description="The user's name.")
    password: Optional[SecretStr] = Field(
        None, examples=["file:/etc/beffroi/mqtt-password"], description="The user's password. Secret."
    )
    client_id: Optional[str] = Field(
        None,
        min_length=1,
        max_length=65535,
        examples=["beffroi-town-hall"],
        description="Must be this device's alone; made from site and device if left out.",
    )
    keepalive_s: int = Field(30, ge=1, le=65535, description="How often a silent connection is proved alive.")
    confirm_timeout_s: float = Field(
        10.0, gt=0, le=3600, description="How long the broker may take to acknowledge before we send again."
    )
    tls: TlsSettings = Field(TlsSettings(), description="Encryption; setting any of these turns it on.")
    min_severity: Literal["informational", "low", "medium", "high", "critical"] = Field(
        "informational", description="Incidents below this severity are stored but not published."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.password is not None and self.username is None:
            raise broken_rule("password", "needs mqtt.username", "Add username, or take the password out")
        return self
