"""The console's registry. It owns no aggregate: what the network says is written down by `log`."""

from __future__ import annotations

from services.runtime.service import Service

console = Service("console")
