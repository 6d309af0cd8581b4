"""What BuildKit would reject in one instruction, or silently take for something else.

Follows instructions/parse.go, bflag.go and commands_runmount.go of BuildKit (read 2026-11).
"""

from __future__ import annotations

import json
import re
from typing import Protocol

from slimstage.syntax.grammar import (
    DEFAULT_MOUNT_TYPE,
    MOUNT_OPTION_ALIASES,
    MOUNT_OPTIONS,
    MOUNT_OPTIONS_REJECTED,
    MOUNT_TYPES,
    FlagSpec,
    InstructionSpec,
    MountOptionSpec,
)
from slimstage.syntax.nodes import Flag, Form, Instruction, MountOption
from slimstage.syntax.spelling import closest_names
from slimstage.syntax.words import is_json_list
from slimstage.text import Span, lazy_pattern

_DURATION = lazy_pattern(r"[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_DURATION_PART = lazy_pattern(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
_BOOLEANS = frozenset("1 t T TRUE true True 0 f F FALSE false False".split())
_SIZE = lazy_pattern(r"\d+(?:\.\d+)* ?(?:[kKmMgGtTpP]?i?[bB]?|[bB])")
# BuildKit drops the flags of these without reading them.
_FLAGS_IGNORED = frozenset({"ARG", "STOPSIGNAL"})


class Report(Protocol):
    """Takes a problem's code, span and arguments."""

    def __call__(self, code: str, span: Span, **args: object) -> None:
        """Report one problem."""


def check(instruction: Instruction, spec: InstructionSpec, report: Report) -> None:
    """Report the faults in flags, arity and form of one instruction."""
    keyword = instruction.keyword
    if not spec.keyword:
        return
    if instruction.flags and keyword not in _FLAGS_IGNORED:
        _check_flags(instruction, spec, report)
    if instruction.form is not Form.JSON and instruction.body.text.startswith("["):
        _check_json(instruction, keyword, report)
    if keyword == "FROM":
        _check_from(instruction, report)
    elif keyword in ("COPY", "ADD"):
        _check_destination(instruction, spec, report)
    elif keyword == "HEALTHCHECK":
        _check_healthcheck(instruction, report)
    elif keyword == "SHELL":
        _check_shell(instruction, report)
    if len(instruction.arguments) < spec.minimum and keyword != "SHELL":
        count = len(instruction.arguments)
        reason = "destination" if keyword in ("COPY", "ADD") and count == 1 else "arguments"
        report(
            "missing-argument",
            instruction.keyword_span,
            instruction=keyword,
            minimum=spec.minimum,
            count=count,
            reason=reason,
        )


# -- arity -----------------------------------------------------------------------------------------


def _check_from(instruction: Instruction, report: Report) -> None:
    words = instruction.arguments
    count = len(words)
    if count <= 1 or (count == 3 and words[1].raw.lower() == "as"):
        return
    second = words[1]
    whole = Span(second.span.start, words[-1].span.end)
    if count == 2 and second.raw.lower() == "as":
        report("invalid-from-syntax", second.span, reason="no-name", word=second.raw, candidates=())
    elif count == 2:
        report("invalid-from-syntax", second.span, reason="missing-as", word=second.raw, candidates=())
    elif count == 3:
        report("invalid-from-syntax", second.span, reason="not-as", word=second.raw, candidates=("AS",))
    else:
        report("invalid-from-syntax", whole, reason="count", word=second.raw, candidates=())


def _check_destination(instruction: Instruction, spec: InstructionSpec, report: Report) -> None:
    if not instruction.arguments:
        return
    last = instruction.arguments[-1]
    for heredoc in instruction.heredocs:
        if heredoc.marker_span == last.span and len(instruction.arguments) >= spec.minimum:
            report("invalid-heredoc", last.span, delimiter=heredoc.delimiter, instruction=instruction.keyword)


def _check_healthcheck(instruction: Instruction, report: Report) -> None:
    inner = instruction.inner
    if inner is None:
        return
    if inner.keyword == "NONE":
        if inner.arguments:
            span = Span(inner.arguments[0].span.start, inner.arguments[-1].span.end)
            report("extra-argument", span, instruction="HEALTHCHECK NONE", maximum=0, count=len(inner.arguments))
        return
    if not inner.arguments:
        report(
            "missing-argument",
            inner.keyword_span,
            instruction="HEALTHCHECK",
            minimum=1,
            count=0,
            reason="healthcheck-command",
        )
    elif inner.form is not Form.JSON and inner.body.text.startswith("["):
        _check_json(inner, "HEALTHCHECK", report)


def _check_shell(instruction: Instruction, report: Report) -> None:
    if instruction.arguments and instruction.form is Form.JSON:
        return
    if instruction.form is Form.SHELL and instruction.body.text.startswith("["):
        return  # reported as invalid-json-form
    span = instruction.arguments[0].span if instruction.form is Form.SHELL else instruction.keyword_span
    report("missing-argument", span, instruction="SHELL", minimum=1, count=0, reason="shell-json")


# -- flags -----------------------------------------------------------------------------------------


def _check_flags(instruction: Instruction, spec: InstructionSpec, report: Report) -> None:
    keyword = instruction.keyword
    seen: set[str] = set()
    for flag in instruction.flags:
        known = spec.flags.get(flag.name)
        if known is None:
            candidates = closest_names(flag.name, spec.flags)
            report("unknown-flag", flag.name_span, instruction=keyword, name=flag.name, candidates=candidates)
            continue
        if flag.name in seen and not known.repeatable:
            report("duplicate-flag", flag.span, instruction=keyword, name=flag.name)
        seen.add(flag.name)
        reason = _value_fault(flag, known)
        if reason:
            report(
                "invalid-flag-value",
                flag.value_span if flag.value_span and flag.value else flag.span,
                instruction=keyword,
                flag=flag.name,
                value=flag.value or "",
                reason=reason,
                expected=", ".join(("true", "false") if known.kind == "boolean" else known.choices),
                candidates=closest_names(flag.value or "", known.choices),
            )
        elif known.kind == "mount":
            _check_mount(flag, report)


def _value_fault(flag: Flag, spec: FlagSpec) -> str:
    """Why BuildKit rejects a flag's value; "" when it does not, or when a variable decides."""
    value = flag.value
    if value is None:
        return "missing" if spec.needs_value else ""
    if "$" in value:
        return ""
    if spec.kind == "boolean":
        if not value:
            return "missing"
        return "" if value.lower() in ("true", "false") else "boolean"
    if spec.kind == "choice":
        return "" if value in spec.choices else "choice"
    if spec.kind == "mount":
        return "" if value else "missing"
    if spec.kind == "count":
        return "" if not value or (re.fullmatch(r"\+?\d{1,10}|-0+", value) and int(value) < 2**31) else "count"
    if spec.kind == "duration" and value:
        if _DURATION.fullmatch(value) is None:
            return "duration"
        total = sum(float(number) * _MILLISECONDS[unit] for number, unit in _DURATION_PART.findall(value))
        if total and (value.startswith("-") or total < 1):
            return "too-short"
    return ""


def _check_mount(flag: Flag, report: Report) -> None:
    kind_option = flag.option("type")
    kind = (kind_option.value or "") if kind_option else DEFAULT_MOUNT_TYPE
    mount = MOUNT_TYPES.get(kind.lower())
    if mount is None and kind_option is not None and kind_option.value is not None and "$" not in kind:
        span = kind_option.value_span or kind_option.key_span
        report(
            "unknown-mount-type",
            span,
            name=kind,
            candidates=closest_names(kind, MOUNT_TYPES),
            expected=", ".join(MOUNT_TYPES),
        )
    rejected = MOUNT_OPTIONS_REJECTED[mount.name] if mount else frozenset()
    for option in flag.mount:
        key = option.key.lower()
        if not key and option.value is None:
            _bad_option(option, kind, "empty", None, report)
            continue
        if "$" in key:
            continue
        main = MOUNT_OPTION_ALIASES.get(key, key)
        spec = MOUNT_OPTIONS.get(main)
        if spec is None:
            accepted = mount.keys if mount else (*MOUNT_OPTIONS, *MOUNT_OPTION_ALIASES)
            candidates = closest_names(key, accepted)
            report(
                "unknown-mount-option",
                option.key_span,
                name=option.key,
                type=kind,
                reason="unknown",
                candidates=candidates,
            )
            continue
        if main in rejected:
            report(
                "unknown-mount-option",
                option.key_span,
                name=option.key,
                type=kind,
                reason="not-for-type",
                candidates=(),
            )
            continue
        reason = _option_fault(option, spec)
        if reason:
            _bad_option(option, kind, reason, spec, report)


def _bad_option(option: MountOption, kind: str, reason: str, spec: MountOptionSpec | None, report: Report) -> None:
    choices: tuple[str, ...] = spec.choices if spec else ()
    value_span = option.value_span if option.value else None
    report(
        "invalid-mount-option",
        value_span or option.key_span,
        name=option.key,
        type=kind,
        value=option.value or "",
        reason=reason,
        expected=", ".join(choices),
        candidates=closest_names(option.value or "", choices),
    )


def _option_fault(option: MountOption, spec: MountOptionSpec) -> str:
    value = option.value
    if value is None:
        return "" if spec.bare else "missing"
    if spec.name == "type":
        return ""
    dollar = value.find("$")
    if dollar >= 0:
        return "variable-in-from" if spec.name == "from" and dollar != len(value) - 1 else ""
    if spec.kind == "boolean":
        return "" if value in _BOOLEANS else "boolean"
    if spec.kind == "number":
        return "" if re.fullmatch(r"\d{1,10}", value) and int(value) < 2**32 else "number"
    if spec.kind == "mode":
        return "" if re.fullmatch(r"[0-7]{1,11}", value) and int(value, 8) < 2**32 else "mode"
    if spec.kind == "size":
        return "" if _SIZE.fullmatch(value) else "size"
    if spec.kind == "choice":
        return "" if value.lower() in spec.choices else "choice"
    return ""


# -- the JSON form ---------------------------------------------------------------------------------

_LENIENT_ITEM = lazy_pattern(r"""\s*(?:"([^"]*)"|'([^']*)'|([^\s,'"\[\]][^,'"\[\]]*?))\s*(,|\Z)""")
_TEST_COMMAND = lazy_pattern(r"\[\[|\[\s+(?:!|-[a-zA-Z]\s)")


def _check_json(instruction: Instruction, keyword: str, report: Report) -> None:
    """The text starts with `[` and is no JSON list of strings: report it if JSON was meant."""
    text = instruction.body.text
    span = instruction.body.span(0, len(text))
    if is_json_list(text):
        fault(report, span, keyword, "not-strings", None, True)
        return
    fatal = keyword == "SHELL"
    if not text.endswith("]"):
        if re.match(r"\[\s*[\"']", text) and "]" not in text:
            fault(report, span, keyword, "unterminated", None, fatal)
        elif fatal:
            fault(report, span, keyword, "syntax", None, fatal)
        return
    quoted = any(mark in text for mark in "\"',")
    if _TEST_COMMAND.match(text) and keyword != "SHELL":
        return
    if not quoted and keyword not in ("CMD", "ENTRYPOINT", "SHELL", "VOLUME"):
        return
    items, reason = _lenient(text[1:-1])
    if items is None:
        if keyword in ("RUN", "HEALTHCHECK") and not re.match(r"\[[\"']", text):
            return  # the test builtin: [ "$a" = b ]
        if keyword in ("COPY", "ADD") and not re.match(r"\[\s*[\"']", text):
            return  # a glob
    fixed = None if items is None else json.dumps(items, ensure_ascii=False)
    fault(report, span, keyword, reason, fixed, fatal)


def fault(report: Report, span: Span, keyword: str, reason: str, fixed: str | None, fatal: bool) -> None:
    """Report an exec form that is none."""
    report("invalid-json-form", span, instruction=keyword, reason=reason, fixed=fixed, fatal=fatal)


def _lenient(inside: str) -> tuple[list[str] | None, str]:
    """The items a lenient reading gives (None when there is more than one reading), and what is wrong."""
    items: list[str] = []
    single = bare = trailing = False
    at = 0
    while at < len(inside):
        match = _LENIENT_ITEM.match(inside, at)
        if match is None:
            trailing = bool(items) and not inside[at:].strip(", \t")
            if trailing and inside[at:].count(",") == 0:
                break
            return None, "syntax"
        double_text, single_text, word = match.group(1, 2, 3)
        if double_text is not None:
            if "\\" in double_text:
                try:
                    double_text = str(json.loads(f'"{double_text}"'))
                except ValueError:
                    return None, "syntax"
            items.append(double_text)
        elif single_text is not None:
            single = True
            items.append(single_text)
        else:
            bare = True
            if re.search(r"\s", word):
                return None, "unquoted"
            items.append(word)
        at = match.end()
        trailing = match[4] == "," and not inside[at:].strip()
        if trailing:
            break
    if not items:
        return None, "syntax"
    return items, "single-quotes" if single else "unquoted" if bare else "trailing-comma" if trailing else "syntax"
