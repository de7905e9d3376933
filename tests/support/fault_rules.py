"""Which requests a scripted server treats otherwise than usual: rules with "method", "path" (searched for), "times" and "skip"."""
import re


def added(rules):
    return [{"times": 1, "skip": 0} | rule for rule in rules]


def take(rules, method, path):
    """The first rule that fits the request, counted; or {}. The caller holds the lock of the rules."""
    for rule in rules:
        if rule["times"] == 0 or rule.get("method", method) != method or not re.search(rule.get("path", ""), path):
            continue
        if rule["skip"] > 0:
            rule["skip"] -= 1
            continue
        rule["times"] -= 1
        return rule
    return {}
