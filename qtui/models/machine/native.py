"""Which number formats a processor multiplies as they are; every other is unpacked to one of them first.

What its matrix units take, or where it has none its dot products and packed arithmetic. Each row names the vendor's
own document; "not confirmed" where none of them says what the units take.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FORMATS = ("fp16", "bf16", "int8", "fp8", "int4", "fp4")


class NativeFormats(NamedTuple):
    """A generation of processors, the names that belong to it as a pattern, and what it multiplies."""

    name: str
    pattern: str
    formats: frozenset[str]
    source: str


def _row(name: str, pattern: str, formats: str, source: str) -> NativeFormats:
    return NativeFormats(name, pattern, frozenset(formats.split()), source)


GENERATIONS = (
    _row("NVIDIA Pascal (P100)", r"\bp100\b", "fp16", "NVIDIA, Tesla P100 white paper"),
    _row("NVIDIA Pascal (P40, GTX 10)", r"\bp40\b|gtx 10", "int8", "NVIDIA, Tesla P40 data sheet"),
    _row("NVIDIA Volta (V100)", r"\bv100\b", "fp16", "NVIDIA, Tesla V100 white paper"),
    _row(
        "NVIDIA Turing (RTX 20, T4)",
        r"rtx 20\d\d|\bt4\b|quadro rtx",
        "fp16 int8 int4",
        "NVIDIA, Turing white paper",
    ),
    _row(
        "NVIDIA Ampere (RTX 30, A100)",
        r"rtx 30\d\d|(?<!arc )\ba\d{2,3}\b|rtx a\d|orin",
        "fp16 bf16 int8 int4",
        "NVIDIA, A100 and GA102 white papers",
    ),
    _row(
        "NVIDIA Ada (RTX 40, L40)",
        r"rtx 40\d\d|\bl40?s?\b|rtx \d000 ada",
        "fp16 bf16 int8 fp8 int4",
        "NVIDIA, Ada white paper",
    ),
    _row("NVIDIA Hopper (H100, H200)", r"\bg?h[12]00", "fp16 bf16 int8 fp8", "NVIDIA, H100 white paper"),
    _row(
        "NVIDIA Blackwell (RTX 50, B200)",
        r"rtx 50\d\d|\bg?b[1-3]00|gb10|spark|rtx pro|thor",
        "fp16 bf16 int8 fp8 fp4",
        "NVIDIA, RTX Blackwell white paper and Blackwell brief",
    ),
    _row("AMD Vega 20 (MI50, MI60)", r"\bmi[56]0\b", "fp16 int8 int4", "AMD, Vega 7nm ISA"),
    _row("AMD RDNA 2 (RX 6000)", r"rx 6\d00", "fp16 int8 int4", "AMD, RDNA 2 ISA"),
    _row(
        "AMD RDNA 3 (RX 7000)",
        r"rx 7\d00|radeon.*7\d00|\bw7\d00|ai max",
        "fp16 bf16 int8 int4",
        "AMD, RDNA 3 ISA",
    ),
    _row("AMD RDNA 4 (RX 9000)", r"rx 9\d\d0", "fp16 bf16 int8 fp8 int4", "AMD, RDNA 4 ISA"),
    _row("AMD CDNA 1, 2 (MI100, MI200)", r"\bmi100\b|\bmi2\d", "fp16 bf16 int8", "AMD, CDNA 1 and 2 ISA"),
    _row("AMD CDNA 3 (MI300)", r"mi3[02]\d", "fp16 bf16 int8 fp8", "AMD, CDNA 3 white paper"),
    _row("AMD CDNA 4 (MI350)", r"mi35\d", "fp16 bf16 int8 fp8 fp4", "AMD, CDNA 4 white paper"),
    _row("Intel Arc", r"\barc [ab]\d", "fp16 bf16 int8 int4", "Intel, Xe-HPG architecture (XMX)"),
    _row("Apple M1, M2", r"\bm[12]\b", "fp16", "Apple: not confirmed"),
    _row("Apple M3, M4", r"\bm[34]\b", "fp16 bf16", "Apple: not confirmed"),
    _row("CPU with AVX2: fp32 alone", r"(?!)", "", "Intel, instruction set extensions"),
    _row(
        "CPU with AVX-512 VNNI, BF16",
        r"ryzen.*\b[79]\d\d0x?\b|epyc 9",
        "bf16 int8",
        "AMD, Zen 4 optimization guide",
    ),
)


def generation_of(device: str) -> NativeFormats | None:
    """The generation that the device called `device` belongs to, None where its name doesn't tell."""
    name = device.lower()
    return next((row for row in GENERATIONS if re.search(row.pattern, name)), None)
