"""Merkle trees over SHA-256, shaped and hashed as in RFC 6962, 2.1 (Certificate Transparency).

One root stands for all leaves; a leaf with its path shows that it is one of them and shows no other. Leaf
hashes and inner nodes begin with different bytes, so that a node cannot pass as a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from exotrial.allocation.written import Count, Digest, Ordinal


@dataclass(frozen=True, kw_only=True)
class MerklePath:
    """The way from one leaf to the root: its position (from 0), the number of leaves, the hashes beside it.

    `hashes` are hexadecimal, from the leaf upwards.
    """

    index: Count
    size: Ordinal
    hashes: tuple[Digest, ...]


def hash_leaf(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def compute_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; over none it is SHA-256 of nothing (RFC 6962, 2.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = _left_size(len(leaves))
    return hash_node(compute_root(leaves[:cut]), compute_root(leaves[cut:]))


def compute_path(leaves: Sequence[bytes], index: int) -> MerklePath:
    """The audit path of the leaf at `index` (RFC 6962, 2.1.1). IndexError where there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    hashes = tuple(node.hex() for node in _path(leaves, index))
    return MerklePath(index=index, size=len(leaves), hashes=hashes)


def root_of_path(leaf: bytes, path: MerklePath) -> bytes | None:
    """The root that a leaf hash and its path lead to (RFC 9162, 2.1.3.2), or None where the path fits no tree."""
    if not 0 <= path.index < path.size:
        return None
    number, last, node = path.index, path.size - 1, leaf
    for text in path.hashes:
        if last == 0:
            return None
        beside = bytes.fromhex(text)
        if number % 2 or number == last:
            node = hash_node(beside, node)
            while number % 2 == 0 and number:
                number, last = number >> 1, last >> 1
        else:
            node = hash_node(node, beside)
        number, last = number >> 1, last >> 1
    return node if last == 0 else None


def _left_size(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    cut = _left_size(len(leaves))
    if index < cut:
        return [*_path(leaves[:cut], index), compute_root(leaves[cut:])]
    return [*_path(leaves[cut:], index - cut), compute_root(leaves[:cut])]
