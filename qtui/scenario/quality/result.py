"""What is known of a model's quality: plain values, complete or as far as the work has come."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtui.compute.lm.lessons import Confidence
from qtui.compute.lm.perplexity import Estimate, Statistics
from qtui.models.published.quality import PublishedCurve
from qtui.scenario.quality.scenario import QualityScenario


@dataclass(frozen=True)
class ReadModel:
    """The model that was measured. `stored` is how most of its weights are stored; sizes in bytes.

    `memory` is what its decoded weights take, `streamed` whether that is more than is left of `limit` (--memory), so
    that layers are decoded again for each pass; `window` is what the tokens that are read at once take beside them.
    """

    path: str
    name: str
    family: str
    stored: str
    parameters: int
    nbytes: int
    bits_per_weight: float
    memory: int
    streamed: bool
    limit: int
    window: int


@dataclass(frozen=True)
class Passage:
    """The text that was read: where it is from, and the windows of it that are scored."""

    source: str
    context: int
    windows: int
    scored: int


@dataclass(frozen=True)
class Baseline:
    """The model as its file has it, over `windows` windows. `nll` is in nats; `floor` is the least that any model can
    have on this text, where that is known; `sums` are the shares of one- and two-digit sums that are right."""

    windows: int
    tokens: int
    ppl: Estimate
    nll: Estimate
    floor: float | None = None
    sums: tuple[float, float] | None = None

    @property
    def least_ppl(self) -> float | None:
        """The perplexity at `floor`."""
        return None if self.floor is None else math.exp(self.floor)


@dataclass(frozen=True)
class FormatQuality:
    """One format beside the baseline.

    `statistics` are over the first `windows` windows, None before the first. `fallbacks` are (tensor, type it got
    instead), and `fell_back` counts their weights. `no_op`: the file has this format already. `problem` says why it
    can't be measured.
    """

    format: str
    bits_per_weight: float
    nbytes: int
    fallbacks: tuple[tuple[str, str], ...]
    fell_back: int
    no_op: bool
    already: int
    changed: int
    windows: int = 0
    statistics: Statistics | None = None
    sums: tuple[float, float] | None = None
    problem: str = ""


@dataclass(frozen=True)
class NextToken:
    """One token that may follow: its chance by the model, and by each format."""

    id: int
    piece: str
    base: float
    formats: tuple[float, ...] = ()


@dataclass(frozen=True)
class Surprise:
    """A token that the model held unlikely: its place `at`, from 0, its chance, and the `likelier` ones there."""

    at: int
    base: float
    likelier: tuple[NextToken, ...]


@dataclass(frozen=True)
class CutTokens:
    """How a text is cut: ids, what each stands for and how many bytes of text; `bos` precedes a text of its own.

    `chances` are what the model gave each token after those before it, None for one that nothing precedes; `expected`
    is what it held likeliest there, `ppl` its perplexity on them, `surprises` the least likely, the least first. A
    long text is only cut, and so it is for a model larger than memory.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    lengths: tuple[int, ...]
    bos: int | None
    chances: tuple[float | None, ...] = ()
    expected: tuple[str, ...] = ()
    ppl: float | None = None
    surprises: tuple[Surprise, ...] = ()


@dataclass(frozen=True)
class PromptStep:
    """A place in the prompt: the token that does follow, its chance, and each format's divergence there in nats."""

    piece: str
    base: float
    top: str
    kld: tuple[float, ...]


@dataclass(frozen=True)
class NextTokens:
    """What may follow a prompt: the likeliest tokens of the model or any format, and each format's divergence.

    `begins` is the prompt's first token, which nothing precedes; empty where that is BOS.
    """

    prompt: str
    begins: str
    formats: tuple[str, ...]
    top: tuple[NextToken, ...]
    kld: tuple[float, ...]
    steps: tuple[PromptStep, ...]


@dataclass(frozen=True)
class Continuation:
    """How one format goes on. `parts_at` is the number of tokens after which it leaves the model's own, None where it
    does not; `closest` is that, or where it came nearest to it, and `choice` the likeliest tokens there, by the model
    and by this format. `seconds` of the generation alone."""

    format: str
    text: str
    pieces: tuple[str, ...]
    parts_at: int | None
    seconds: float
    closest: int = 0
    choice: tuple[NextToken, ...] = ()


@dataclass(frozen=True)
class Loss:
    """What storing one part in few bits costs, with everything else as it is. `weights` counts that part's.

    `error` is how far its weights moved: the root mean square of the change over that of the weights, of rows spread
    over it. `rank` is 1 for the largest loss; parts within two standard errors of a rank's first share it.
    """

    name: str
    weights: int
    statistics: Statistics
    error: float = 0.0
    rank: int = 0

    @property
    def kld_per_million(self) -> float:
        """Divergence in nats for a million weights."""
        return 1e6 * self.statistics.kld.value / self.weights


@dataclass(frozen=True)
class RandomWeights:
    """`count` weights drawn at random from the same matrix as the super weight, all set to 0 together."""

    count: int
    tensor: str
    statistics: Statistics


@dataclass(frozen=True)
class SuperWeight:
    """A weight of `ffn_down` whose input, times itself, is among the largest; `statistics` with it set to 0."""

    tensor: str
    row: int
    column: int
    value: float
    product: float
    statistics: Statistics


@dataclass(frozen=True)
class WeightRow:
    """The row of a matrix that a super weight is in: largest magnitudes of its weights, of those of the row whose
    largest is the median `ordinary`, and of what goes in, each of as many stretches of columns; `at` is the weight's.
    """

    tensor: str
    row: int
    column: int
    ordinary: int
    columns: int
    at: int
    weights: tuple[float, ...]
    usual: tuple[float, ...]
    inputs: tuple[float, ...]


@dataclass(frozen=True)
class LessonPlot:
    """Curves over x from `low` to `high`, at equal distances, with y from `bottom` to `top`; `mark` is (x, y).

    `decades`: y is a power of ten.
    """

    low: float
    high: float
    bottom: float
    top: float
    across: str
    up: str
    curves: tuple[tuple[float, ...], ...]
    mark: tuple[float, float] | None = None
    decades: bool = False


@dataclass(frozen=True)
class Lesson:
    """One measure to play with: the number that the sliders give, in its unit, and the sentence that it makes.

    `plot` shows it over its slider; `intervals` are those of the benchmark, of the lesson on noise.
    """

    kind: str
    value: float
    sentence: str
    intervals: tuple[Confidence, ...] = ()
    plot: LessonPlot | None = None


@dataclass(frozen=True)
class QualityResult:
    """Everything that was asked for; what was not is empty or None.

    `seconds` is how long it took, `cached` how many of `formats` were known from before. A lesson needs no `model`.
    `published` are curves of other models to compare the formats with.
    """

    scenario: QualityScenario
    model: ReadModel | None
    passage: Passage | None = None
    baseline: Baseline | None = None
    formats: tuple[FormatQuality, ...] = ()
    tokens: CutTokens | None = None
    next: NextTokens | None = None
    continuations: tuple[Continuation, ...] = ()
    losses: tuple[Loss, ...] = ()
    loss_format: str = ""
    super_weights: tuple[SuperWeight, ...] = ()
    random_weights: RandomWeights | None = None
    weight_row: WeightRow | None = None
    lesson: Lesson | None = None
    verdict: tuple[str, ...] = ()
    published: tuple[PublishedCurve, ...] = ()
    cached: int = 0
    seconds: float = 0.0

    @property
    def question(self) -> str:
        """What was asked."""
        return self.scenario.question

    @property
    def too_far(self) -> bool:
        """Whether a format diverges by more than the Scenario's `max_kl`."""
        most = self.scenario.max_kl
        return bool(most) and any(f.statistics is None or not f.statistics.kld.value <= most for f in self.formats)
