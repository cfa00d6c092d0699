"""A measurement in words, each sentence with its evidence."""

from __future__ import annotations

import math

from qtui.compute.lm.perplexity import Statistics
from qtui.scenario.quality.result import Continuation, CutTokens, FormatQuality, NextTokens, QualityResult
from qtui.scenario.quality.scenario import formats_of

FREE, SMALL, LARGE = 0.005, 0.1, 0.5  # nats a token
ROUNDED = 0.12  # how far "one in three" may be from the share


def verdict(result: QualityResult) -> tuple[str, ...]:
    """What the result says, in a few sentences; none where nothing was measured."""
    if result.super_weights:
        return _super_weights(result)
    if result.losses:
        return _losses(result)
    if result.next is not None:
        return _next_token(result.next)
    if result.continuations:
        return _continued(result.continuations, len(formats_of(result.scenario)))
    if result.tokens is not None:
        return _cut(result.tokens, result.scenario.tokens)
    rows = [row for row in result.formats if row.statistics is not None and not row.no_op]
    problems = [_stored_already(row) for row in result.formats if row.no_op]
    problems += [f"{short(row.format)} can't be measured: {row.problem}." for row in result.formats if row.problem]
    if result.baseline is None or not rows:
        return tuple(problems)
    advice = _larger(rows, result.model.nbytes) if result.model is not None else []
    sentences = _glance(rows, bool(advice))
    sentences += [_sentence(row) for row in (_best(rows), _knee(rows)) if row is not None] + advice
    sentences += _instead(rows) + problems
    floor = result.baseline.floor
    if floor is not None:
        over = result.baseline.nll.value - floor
        where = f"{over:.4f} nats a token above that" if over > 0.001 else "there, as far as a sample can tell"
        sentences.append(f"No model can be below perplexity {math.exp(floor):.3g} on this text; this one is {where}.")
    if result.model is not None and result.model.parameters < 1 << 30:
        sentences.append("Small models lose more than large ones in the same format; see the published curves.")
    return tuple(dict.fromkeys(sentences))


def _glance(rows: list[FormatQuality], keeps: bool) -> list[str]:
    """How much worse the model gets, in one sentence: what is free, what is felt first, and what breaks it; with
    `keeps`, that none is worth it."""
    if len(rows) < 2:
        return []
    felt = min((row for row in rows if FREE < _divergence(row) <= LARGE), key=_divergence, default=None)
    free, broken = _best(rows), [short(row.format) for row in rows if _divergence(row) > LARGE]
    if free is None and not broken and not keeps and felt is _knee(rows):
        return []  # its own sentence says all there is
    larger = " but is larger" if keeps else ""
    costs = [f"{short(free.format)} costs next to nothing{larger}"] if free is not None else []
    if felt is not None and felt.statistics is not None:
        ratio, kld = felt.statistics.log_ratio, felt.statistics.kld
        certain = ratio.value > 2 * ratio.error
        much = f"{100 * math.expm1(ratio.value):.2g} % perplexity" if certain else f"{kld.value:.2g} nats a token"
        costs.append(f"{short(felt.format)} {'' if costs else 'costs '}{much}")
    ends = [f"{_list(broken)} {'break' if len(broken) > 1 else 'breaks'} the model"] if broken else []
    begins = "Keep the file: " if keeps else ""
    return [f"{begins}{'; '.join(filter(None, [', '.join(costs), *ends]))}."] if costs or ends else []


def _divergence(row: FormatQuality) -> float:
    return row.statistics.kld.value if row.statistics is not None else math.inf


def _best(rows: list[FormatQuality]) -> FormatQuality | None:
    """The smallest of those that cost next to nothing."""
    free = [row for row in rows if _divergence(row) <= FREE]
    return min(free, key=lambda row: row.nbytes, default=None)


def _knee(rows: list[FormatQuality]) -> FormatQuality | None:
    """The smallest that loses little, else the one that loses least."""
    usable = [row for row in rows if _divergence(row) <= SMALL]
    return min(usable, key=lambda row: row.nbytes) if usable else min(rows, key=_divergence)


def _larger(rows: list[FormatQuality], nbytes: int) -> list[str]:
    """That what loses little takes more room than the file as it is, `nbytes`; nothing where one takes less."""
    usable = [row for row in rows if _divergence(row) <= SMALL and row.changed]
    least = min(usable, key=lambda row: row.nbytes, default=None)
    if least is None or least.nbytes <= nbytes:
        return []
    more = 100 * (least.nbytes / nbytes - 1)
    return [f"{short(least.format)} takes {more:.0f} % more room than the file as it is, so keep the file."]


def _stored_already(row: FormatQuality) -> str:
    if not row.changed:
        return f"The file is stored in {short(row.format)} already: to store it so again shows nothing of the format."
    share = 100 * row.already / (row.already + row.changed)
    return (
        f"{share:.0%} of the file is stored in {short(row.format)} already: its row shows only what the rest loses."
    )


def _instead(rows: list[FormatQuality]) -> list[str]:
    """Which formats are mostly other ones, because rows are no whole blocks of theirs."""
    other = [row for row in rows if 2 * row.fell_back > row.changed + row.already]
    if not other:
        return []
    names = ["the formats asked for" if row.format == "keep" else short(row.format) for row in other]
    kinds = sorted({kind for row in other for _, kind in row.fallbacks})
    return [f"Rows are no whole blocks of {_list(names)}: most matrices are stored in {_list(kinds)} instead."]


def _sentence(row: FormatQuality) -> str:
    stats = row.statistics
    assert stats is not None
    name = "With these changes the model" if row.format == "keep" else short(row.format)
    # Where several tokens are about as likely, as in a made-up language, which is first says nothing: count answers.
    answers = (
        _changed(1 - stats.same_top.value) if row.sums is None else f"{100 * row.sums[1]:.3g} % of sums are right"
    )
    return f"{name} {_cost(stats)}; {answers}."


def _cost(stats: Statistics) -> str:
    value, error, kld = stats.log_ratio.value, stats.log_ratio.error, stats.kld
    if abs(value) <= 2 * error:
        noise = f"that can be told from noise (±{100 * error:.2g} %)"
        felt = kld.value > max(FREE, 2 * kld.error)  # perplexity hides what moves both ways
        return f"costs {kld.value:.2g} nats a token, but no perplexity {noise}" if felt else f"costs nothing {noise}"
    percent = 100 * math.expm1(min(value, 50.0))
    if value < 0:
        return f"has {-percent:.2g} % less perplexity"
    return f"costs {percent:.2g} % perplexity" if percent < 1000 else "costs more than ten times the perplexity"


def _changed(share: float) -> str:
    """How many of the likeliest next tokens are others now."""
    if share <= 0:
        return "the likeliest next token is always the same"
    one_in = round(1 / share)
    if share >= 0.45 or abs(share * one_in - 1) > ROUNDED:
        return f"{100 * share:.0f} % of the likeliest next tokens change"
    words = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
    return f"one in {words.get(one_in, str(one_in))} likeliest next tokens changes"


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _losses(result: QualityResult) -> tuple[str, ...]:
    first, *rest = result.losses
    kld = first.statistics.kld
    sentences = [f"{first.name} in {short(result.loss_format)} alone costs {kld.value:.3f} nats a token."]
    if rest:
        second = rest[0]
        gap = kld.value - second.statistics.kld.value
        noise = math.hypot(kld.error, second.statistics.kld.error)
        if gap < 2 * noise:
            sentences.append(
                f"{second.name} can't be told apart from it: their difference is within two standard errors."
            )
    densest = max(result.losses, key=lambda loss: loss.kld_per_million)
    if densest is not first:
        sentences.append(f"For its size {densest.name} costs most.")
    moves = [loss.error for loss in result.losses]
    if rest and max(moves) < 1.5 * min(moves):
        sentences.append(
            f"Errors of weights say nothing of this: all parts moved by {100 * min(moves):.0f} to "
            f"{100 * max(moves):.0f} %."
        )
    return tuple(sentences)


def _next_token(tokens: NextTokens) -> tuple[str, ...]:
    """Which formats say something else, and which moves the probabilities most."""
    if not tokens.formats or not tokens.top:
        return ()
    own = max(tokens.top, key=lambda token: token.base)
    likeliest = [max(tokens.top, key=lambda token: token.formats[at]) for at in range(len(tokens.formats))]
    others = [(name, token) for name, token in zip(tokens.formats, likeliest, strict=True) if token.id != own.id]
    furthest = max(range(len(tokens.formats)), key=lambda at: tokens.kld[at])
    moved = (
        f"{short(tokens.formats[furthest])} moves the probabilities most, by {max(tokens.kld[furthest], 0):.2g} nats"
    )
    if not others:
        return (f"Every format still says {_quoted(own.piece)} first; {moved}.",)
    instead = ", ".join(f"{short(name)} says {_quoted(token.piece)}" for name, token in others)
    return (f"The model says {_quoted(own.piece)}, {instead}; {moved}.",)


def _continued(continuations: tuple[Continuation, ...], asked: int) -> tuple[str, ...]:
    """Which of the `asked` formats go on as the model does; of one that has not parted yet nothing is known."""
    own, *formats = continuations
    parted = [short(c.format) for c in formats if c.parts_at is not None]
    same = [short(c.format) for c in formats if c.parts_at is None and len(c.pieces) == len(own.pieces)]
    if len(same) == asked:
        return ("Every format goes on just as the model does.",)
    if not parted:
        return (f"{_list(same)} {'go' if len(same) > 1 else 'goes'} on just as the model does.",) if same else ()
    alike = f"{_list(same)} {'go' if len(same) > 1 else 'goes'} on as it does" if same else ""
    alike = alike or ("none goes on as it does" if len(parted) == asked else "the others are not done")
    return (f"{_list(parted)} {'part' if len(parted) > 1 else 'parts'} from the model; {alike}.",)


def _cut(tokens: CutTokens, text: str) -> tuple[str, ...]:
    """How long a token is; the one that begins every text is nobody's."""
    begins = int(tokens.bos is not None and tokens.ids[:1] == (tokens.bos,))
    letters = len(text)  # a piece may be less than a character, or stand for several that the model has no word for
    count = len(tokens.ids) - begins
    if not count:
        return ()
    read = [
        (chance, piece) for chance, piece in zip(tokens.chances, tokens.pieces, strict=False) if chance is not None
    ]
    first = ", after the one that begins every text" if begins else ""
    length = f"{letters / count:.2g}"
    cut = f"{letters:,} characters are" if letters != 1 else "1 character is"
    length_of_one = f", {length} character{'s' * (length != '1')} each" if count > 1 else ""
    sentences = [f"{cut} {count:,} token{'s' * (count != 1)}{length_of_one}{first}."]
    if read and tokens.ppl is not None:
        chance, piece = min(read)
        sentences.append(
            f"Read one after the other their perplexity is {tokens.ppl:.3g}; the greatest surprise is "
            f"{_quoted(piece)}, which had {100 * chance:.2g} %."
        )
    return tuple(sentences)


def _quoted(piece: str) -> str:
    """A token in a sentence: without the blank that it begins with, at which the row could break."""
    return repr(piece.strip(" ") or piece)


def short(name: str) -> str:
    """A format's name without its options."""
    return name.partition(":")[0]


def _super_weights(result: QualityResult) -> tuple[str, ...]:
    first = result.super_weights[0]
    stats = first.statistics
    name = f"{first.tensor.removesuffix('.weight')}[{first.row},{first.column}]"
    parameters = result.model.parameters if result.model is not None else 0
    if stats.kld.value <= SMALL:
        lone = f"No single weight decides: without {name} the divergence is {stats.kld.value:.4f} nats a token."
        return (lone, *_random(result))
    return (
        f"One weight of {parameters:,}, {name} = {first.value:.3f}, set to 0 takes perplexity from "
        f"{stats.ppl_base.value:.3g} to {stats.ppl.value:.3g}.",
        *_row(result),
        *_random(result),
    )


def _row(result: QualityResult) -> tuple[str, ...]:
    """What the weight meets, and how large weights of an ordinary row are."""
    place = result.weight_row
    if place is None:
        return ()
    return (
        f"What comes in there reaches {place.inputs[place.at]:,.0f}; the largest weight of an ordinary row is "
        f"{max(place.usual):.2g}.",
    )


def _random(result: QualityResult) -> tuple[str, ...]:
    """What as many as a thousand others do, for comparison."""
    drawn = result.random_weights
    if drawn is None:
        return ()
    tensor, kld = drawn.tensor.removesuffix(".weight"), max(drawn.statistics.kld.value, 0)
    return (
        f"{drawn.count:,} weights of {tensor} drawn at random and set to 0 together cost {kld:.2g} nats a token.",
    )
