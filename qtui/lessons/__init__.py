"""Lessons as data: the tour in `tour/`, a file a chapter, and lessons of one file beside it.

A lesson is TOML. A file of one chapter has `title` and `[[step]]`; a whole lesson in one file has `title` and
`[[chapter]]` with `title` and `[[chapter.step]]`. A folder is a lesson whose files are its chapters, in the order of
their names. `qtui tour --check FILE` names every mistake with its line.

Of a lesson (in a folder: of its first file, as `lesson = "The tour"`):

    title       what it is called
    everyday    words of the glossary that it also uses in their plain sense: ["state", "window"]
    further     where to go on, shown at the end

A step may be one of the tour's, and then has `use` alone: use = "sign-bit". `qtui tour --list --json` names them.

Of a step (* has to be there):

    id *        names it in progress and predictions: small letters, digits and hyphens, unique
    title *     a few words; the question that it answers, best
    kind *      do (a goal), predict (a question), look (neither), review (either, of an earlier idea)
    text *      4 to 6 lines of at most 72 characters; lines are kept as they are
    show *      the pane and its state, as `y` copies it: "bits 1.5 --format float16"
    after       the state that the pane takes once the question is answered
    controls    fields of the pane to show above its picture, by name ("format", "value"); none by default. All keys
                work nevertheless. "enter": the pane needs Enter (else it goes on); "picture": the Quantizer's picture
                without the errors above it
    rows        rows that the picture needs, 14 by default
    task        what is to be done, in one line: "Flip one bit so that 1.5 becomes -1.5."
    goal        when that is done: an expression, see below
    solution    keys that do it: ["move.left", "pane.mark", "right *3", "type 1/3", "enter"], actions or keys
    success     what is said then, and why it is so; one or two lines
    hints       two, the second one nearly the answer
    question    what is predicted
    answers     three answers (a, b, c); without them a number is asked for
    truth       an expression: the number, or "a", "b", "c"; for answers that are numbers, the number
    unit        of the number: "GB", "%"
    tolerance   how near counts as right, as a share of the truth: 0.1 by default
    curtain     true: the pane is shown only after the answer, since its picture has it
    why         told after the answer, with the gap drawn above it
    seconds     what it takes, with the doing: 60 by default
    say         the one sentence for a class, of a question only with its answer; else the first one of the text
    notes       for the one who speaks; shown by `qtui tour --notes` only
    words       terms of the glossary that this step introduces; each is to be explained in its text
    numbers     a table that proves the numbers in the prose: "159.4" = "weights_bytes / 1e9"
    given       a table of those that no computation gives, with their source: "198" = "questions of GPQA Diamond"
    capabilities    numbers of what the tour as a whole has to teach

Prose (text, task, success, hints, question, why) may hold {pane.mark}, the key of an action, and {=EXPRESSION:.1f}, a
number worked out when it is shown. Every other number in it stands in `numbers` (compared at the digits shown) or in
`given`; names such as float16, Q4_K, int4 and 1-3-1 are not numbers, nor are the digits of a {}.

Expressions are a small part of Python's over the fields of the pane's JSON (`qtui bits 1.5 --json` shows them):

    value == -1.5                                 exact decimals count as numbers
    scenario.view == "density"                    what was chosen
    differing(bits, start.bits) == 1              `start`: the fields as the step began (in `goal` only)
    any(p.block >= 64 for p in sweep[0].points)   also all, count, sum, min, max, mean, len, abs, round
    100 * run("quantize -f int4:asym").mean_rel_error     another state's fields (not in `goal`)
    exp(1), log, log2, sqrt, number("1.5")
"""
