"""A record of what users see: the output of previews, updates, commands, refusals and errors.

Every scenario in ``scenarios`` drives the real engine and the real command line against a simulated tenant; what they
print is in ``recorded``, one file per scenario, without what changes from run to run (ids, times, ports, paths).
``test_witness.py`` compares; ``make witness`` records anew, so that the diff of a commit shows what users will see
otherwise. A scenario uses nothing but the public surface, so it outlives a change of the package's inner modules.
"""
