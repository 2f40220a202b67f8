"""The Spark back end: the same rules on an existing distributed engine, from Parquet to Parquet (extra `spark`)."""

from augenblick.reason.spark.reasoner import SparkReasoner
from augenblick.reason.spark.session import local_session

__all__ = ["SparkReasoner", "local_session"]
