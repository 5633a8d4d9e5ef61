"""Pairs: both tools on copies of the same tree, one after the other."""

import os
import shutil
import statistics
import time

# For so many seconds ext4 looks at each freed inode again before it takes another: who makes files meanwhile pays for
# what somebody else deleted.
RECENT = 40
FEW = 100  # runs whose files are no matter


def measured(work, runs, trees, rounds):
    """The lines of a table: one for each peer."""
    done = []
    for peer in work.peers:
        times, kept = [], {}
        for number in range(rounds):
            pair = {}
            # Whoever comes first finds colder caches.
            for who in (("peer", "loopsync") if number % 2 == 0 else ("loopsync", "peer")):
                project = ready(work, who, runs, trees, kept)
                os.sync()
                begin = time.monotonic()
                (peer.do if who == "peer" else work.do)(project)
                pair[who] = time.monotonic() - begin
                work.check(project, who, work.tree(trees, runs))
                done.append(project)
            times.append(pair)
        yield line(work, peer, runs, times)
    for project in set(done):
        shutil.rmtree(project)
    if runs > FEW:
        time.sleep(RECENT)


def ready(work, who, runs, trees, kept):
    """A project to work on; the same one again for work that changes nothing."""
    if who in kept:
        return kept[who]
    project = trees.copy(work.tree(trees, runs))
    work.prepare(project, who)
    if work.only_looks:
        kept[who] = project
    return project


def line(work, peer, runs, times):
    """One row, with a verdict where the pairs agree well enough for one."""
    ratios = sorted(pair["loopsync"] / pair["peer"] for pair in times)
    ratio = statistics.median(ratios)
    quarter = len(ratios) // 4
    spread = ratios[len(ratios) - 1 - quarter] - ratios[quarter]
    limit = peer.at_most
    verdict = ""
    if limit is not None and len(ratios) >= 5:
        verdict = "too unsteady to say" if spread > 0.2 * ratio else "yes" if ratio <= limit else "no"
    medians = [statistics.median(pair[who] for pair in times) for who in ("peer", "loopsync")]
    return (f"| {work.name} | {runs:,} | {peer.name} | {medians[0]:.3f} | {medians[1]:.3f} | {ratio:.2f} | {spread:.2f} | "
            f"{'' if limit is None else limit} | {verdict} |")
