"""What the provider costs, as a ratio: one program with it and with two dynamic providers that do nothing.

``make bench`` runs it; `bench.series` says what is measured and why. The engine, the SDK and the plugin's protocol have
a price that no dynamic provider can avoid; `bench.floors` are that price. Seconds change with the machine and its load,
ratios within one run hardly do.
"""
