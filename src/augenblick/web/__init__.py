"""The pages: what people see of the service in a browser, rendered here, with nothing REST would not show."""

from augenblick.web.router import routers

__all__ = ["routers"]
