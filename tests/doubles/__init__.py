"""Engines' makers, as far as a test needs them: servers on loopback that speak each maker's protocol.

A double is a module with `serving() -> ContextManager[Double]` and `entry(double, **changes) -> dict`, an entry for
engines.yaml that leads to it; its provider is the module's name. The contract suite finds it by that.
"""
