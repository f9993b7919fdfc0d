"""Playback keys, restriction policies, viewer revocation and tags behave as documented."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .helpers import ACCOUNT, MEDIA_TAILOR, PUBLIC_KEYS, REGION, UNKNOWN, Direct


def test_an_imported_key_has_a_fingerprint_and_keeps_its_pem(ivs: Direct) -> None:
    """The API tells the fingerprint; whoever checks tokens finds the PEM in the store."""
    pair = ivs("ImportPlaybackKeyPair", publicKeyMaterial=PUBLIC_KEYS[0], name="key")["keyPair"]
    assert re.fullmatch(r"([0-9a-f]{2}:){15}[0-9a-f]{2}", pair["fingerprint"])
    assert ivs("GetPlaybackKeyPair", arn=pair["arn"])["keyPair"] == pair
    (listed,) = ivs("ListPlaybackKeyPairs")["keyPairs"]
    assert set(listed) == {"arn", "name", "tags"}
    assert ivs.service.store.find(pair["arn"]).material == PUBLIC_KEYS[0]


def test_a_key_cannot_be_imported_twice(ivs: Direct) -> None:
    """The same key under another name is a conflict."""
    ivs("ImportPlaybackKeyPair", publicKeyMaterial=PUBLIC_KEYS[0])
    again = ivs.refused("ImportPlaybackKeyPair", publicKeyMaterial=PUBLIC_KEYS[0] + "\n")
    assert again.code == "ConflictException"


def test_three_keys_are_all_there_can_be(ivs: Direct) -> None:
    """Rotation needs a free place: a fourth key is refused until one is deleted."""
    pairs = [
        ivs("ImportPlaybackKeyPair", publicKeyMaterial=key)["keyPair"] for key in PUBLIC_KEYS[:3]
    ]
    refused = ivs.refused("ImportPlaybackKeyPair", publicKeyMaterial=PUBLIC_KEYS[3])
    assert refused.code == "ServiceQuotaExceededException"
    assert ivs("DeletePlaybackKeyPair", arn=pairs[0]["arn"]) == {}
    ivs("ImportPlaybackKeyPair", publicKeyMaterial=PUBLIC_KEYS[3])


LINES = PUBLIC_KEYS[0].splitlines()
P256 = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
"""


@pytest.mark.parametrize(
    "material",
    [
        "",
        "certificate",
        "\n".join(LINES[1:]),
        "\n".join([LINES[0], "%%%", LINES[-1]]),
        P256,
        "\n".join([LINES[0], *LINES[1:-2], "A" * len(LINES[-2]), LINES[-1]]),
    ],
    ids=["empty", "text", "unframed", "no base64", "P-256", "no point of the curve"],
)
def test_only_public_keys_on_p_384_are_imported(ivs: Direct, material: str) -> None:
    """Everything else is refused by name, without echoing it."""
    refused = ivs.refused("ImportPlaybackKeyPair", publicKeyMaterial=material)
    assert refused.code == "ValidationException"
    assert "ImportPlaybackKeyPair.publicKeyMaterial" in refused.message
    assert not material or material not in refused.message


def test_a_policy_has_defaults_that_restrict_nothing(ivs: Direct) -> None:
    """All countries and all origins, until they are named."""
    policy = ivs("CreatePlaybackRestrictionPolicy")["playbackRestrictionPolicy"]
    assert policy["allowedCountries"] == policy["allowedOrigins"] == []
    assert policy["enableStrictOriginEnforcement"] is False
    updated = ivs(
        "UpdatePlaybackRestrictionPolicy",
        arn=policy["arn"],
        allowedCountries=["DE", "JP"],
        allowedOrigins=["https://example.com", "https://*.example.com:8080", "null"],
    )["playbackRestrictionPolicy"]
    assert updated["allowedCountries"] == ["DE", "JP"]
    found = ivs("GetPlaybackRestrictionPolicy", arn=policy["arn"])
    assert found["playbackRestrictionPolicy"] == updated
    (listed,) = ivs("ListPlaybackRestrictionPolicies")["playbackRestrictionPolicies"]
    assert listed == updated


@pytest.mark.parametrize(
    ("settings", "member"),
    [
        ({"allowedCountries": ["XX"]}, "allowedCountries[0]"),
        ({"allowedCountries": ["DE", "deu"]}, "allowedCountries[1]"),
        ({"allowedCountries": ["DE"] * 201}, "allowedCountries"),
        ({"allowedOrigins": ["example.com"]}, "allowedOrigins[0]"),
        ({"allowedOrigins": ["https://example.com/path"]}, "allowedOrigins[0]"),
        ({"allowedOrigins": ["https://" + "a" * 121]}, "allowedOrigins[0]"),
        ({"allowedOrigins": ["https://a.b"] * 6}, "allowedOrigins"),
    ],
)
def test_countries_and_origins_are_checked(
    ivs: Direct, settings: dict[str, list[str]], member: str
) -> None:
    """Countries are ISO codes, origins are origins, and there are not too many of them."""
    refused = ivs.refused("CreatePlaybackRestrictionPolicy", **settings)
    assert refused.code == "ValidationException"
    assert f"CreatePlaybackRestrictionPolicy.{member} " in refused.message


def test_revocations_are_remembered_up_to_the_highest_version(ivs: Direct) -> None:
    """A viewer's sessions are revoked up to a version, 0 by default; a lower one undoes nothing."""
    arn = ivs.channel()
    revoked = ivs.service.revocations.revoked
    assert revoked(arn, "viewer") is None
    assert ivs("StartViewerSessionRevocation", channelArn=arn, viewerId="viewer") == {}
    assert revoked(arn, "viewer") == 0
    for version in (3, 1):
        ivs(
            "StartViewerSessionRevocation",
            channelArn=arn,
            viewerId="viewer",
            viewerSessionVersionsLessThanOrEqualTo=version,
        )
    assert revoked(arn, "viewer") == 3
    missing = ivs.refused("StartViewerSessionRevocation", channelArn=UNKNOWN, viewerId="viewer")
    assert missing.code == "ResourceNotFoundException"


def test_a_batch_of_revocations_tells_which_failed(ivs: Direct) -> None:
    """Errors are listed by channel and viewer; the others are revoked."""
    arn = ivs.channel()
    answer = ivs(
        "BatchStartViewerSessionRevocation",
        viewerSessions=[
            {"channelArn": arn, "viewerId": "a", "viewerSessionVersionsLessThanOrEqualTo": 2},
            {"channelArn": UNKNOWN, "viewerId": "b"},
        ],
    )
    (error,) = answer["errors"]
    assert (error["channelArn"], error["viewerId"]) == (UNKNOWN, "b")
    assert error["code"] == "ResourceNotFoundException"
    assert ivs.service.revocations.revoked(arn, "a") == 2


def everything(ivs: Direct) -> list[str]:
    """The ARN of one resource of each kind."""
    created = ivs("CreateChannel")
    ads = [{"playbackConfigurationArn": MEDIA_TAILOR}]
    bucket = {"s3": {"bucketName": "recordings"}}
    return [
        created["channel"]["arn"],
        created["streamKey"]["arn"],
        ivs("ImportPlaybackKeyPair", publicKeyMaterial=PUBLIC_KEYS[0])["keyPair"]["arn"],
        ivs("CreatePlaybackRestrictionPolicy")["playbackRestrictionPolicy"]["arn"],
        ivs("CreateRecordingConfiguration", destinationConfiguration=bucket)[
            "recordingConfiguration"
        ]["arn"],
        ivs("CreateAdConfiguration", mediaTailorPlaybackConfigurations=ads)["adConfiguration"][
            "arn"
        ],
        ivs("CreateFailoverSlateConfiguration")["failoverSlateConfiguration"]["arn"],
    ]


def test_every_resource_takes_tags(ivs: Direct) -> None:
    """Tags are added, replaced and removed one by one, and unknown keys are removed in peace."""
    for arn in everything(ivs):
        ivs("TagResource", resourceArn=arn, tags={"team": "red", "Größe": "a b"})
        ivs("TagResource", resourceArn=arn, tags={"team": "blue"})
        assert ivs("ListTagsForResource", resourceArn=arn)["tags"] == {
            "team": "blue",
            "Größe": "a b",
        }
        ivs("UntagResource", resourceArn=arn, tagKeys=["team", "never"])
        assert ivs("ListTagsForResource", resourceArn=arn)["tags"] == {"Größe": "a b"}


def test_tags_stop_at_fifty(ivs: Direct) -> None:
    """Fifty tags per resource, over all calls; replacing one of them is no new one."""
    arn = ivs.channel(tags={f"k{number}": "" for number in range(50)})
    refused = ivs.refused("TagResource", resourceArn=arn, tags={"more": ""})
    assert refused.code == "ValidationException"
    ivs("TagResource", resourceArn=arn, tags={"k0": "new"})


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "ListTagsForResource"])
def test_tags_need_a_resource(ivs: Direct, operation: str) -> None:
    """An ARN of nothing is ResourceNotFoundException, and no ARN is ValidationException."""
    needed: dict[str, dict[str, Any]] = {
        "TagResource": {"tags": {}},
        "UntagResource": {"tagKeys": []},
    }
    members = needed.get(operation, {})
    arn = f"arn:aws:ivs:{REGION}:{ACCOUNT}:stream-key/unknown"
    missing = ivs.refused(operation, resourceArn=arn, **members)
    assert missing.code == "ResourceNotFoundException"
    assert ivs.refused(operation, resourceArn="x", **members).code == "ValidationException"
