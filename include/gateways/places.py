"""Folders and object stores by their address: a path, or s3://bucket/folder."""

from __future__ import annotations

from upath import UPath


def rooted(address: str) -> UPath:
    """The place of that address. What is there is asked anew each time: others write there as well."""
    place = UPath(address)
    return place if is_local(place) else UPath(address, use_listings_cache=False)


def is_local(place: UPath) -> bool:
    """Whether it is a folder of this machine."""
    return place.protocol in ("", "file")
