"""Pictures of families on pages: of one customer, with presumed relatives, and of those whom a query found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Response

from augenblick.model.errors import NotFound
from augenblick.model.terms import AUG
from augenblick.publish.query import with_parameters
from augenblick.web.desk import Desk, PageRoute, seated
from augenblick.web.family import Family, Relative, family
from augenblick.web.questions import rows

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Reader = Annotated[Desk, Depends(seated("offers", "explain"))]
Analyst = Annotated[Desk, Depends(seated("sparql"))]
MOST_ASKED = 40
MOST_PICTURES = 8
_PRESUMED = """SELECT ?kind ?weight ?relative WHERE {
  ?one aug:customerId $customer .
  ?presumed a aug:PresumedRelation ; aug:presumedOf ?one ; aug:presumedRelative ?other ; aug:presumedKind ?kind ;
    aug:logOdds ?weight .
  OPTIONAL { ?other aug:customerId ?relative }
}"""


def picture(desk: Desk, customer: str, presumed: Iterable[Relative] = ()) -> dict[str, Any]:
    """Return what a template needs to draw a customer's family; who is in it enters the audit log."""
    access = desk.admitted.access

    def relations(of: str) -> list[Relative]:
        if of == customer:
            return [*desk.dossiers.family(access, of), *presumed]
        try:
            return desk.dossiers.family(access, of)
        except NotFound:  # the reader may be told of the relative, and not of what is theirs
            return []

    tree = family(customer, relations)
    desk.note("family", [person.customer for person in tree.people if person.customer])
    return {"family": tree, "names": names(desk, tree)}


def names(desk: Desk, tree: Family) -> dict[str, dict[str, Any]]:
    """Return name and birth date of those in a picture whom the reader may be told of."""
    return {person.customer: brief(desk, person.customer) for person in tree.people if person.customer}


def brief(desk: Desk, customer: str) -> dict[str, Any]:
    """Return name, birth date and city; only the number where the caller may see no more."""
    found = desk.dossiers.search(desk.admitted.access, customer=customer, most=1)
    return found[0] if found else {"customer_id": customer, "given_name": None, "family_name": None}


@router.get("/customers/{customer}/presumed")
async def presumed(desk: Reader, customer: str) -> Response:
    """Return the family picture with who is presumed to belong to it; nothing where nobody is."""
    query = with_parameters(_PRESUMED, {"customer": ("string", customer)})
    found = [_relative(row) for row in await rows(desk, "presumed relatives", query)]
    if not found:
        return Response(status_code=204)
    values = await to_thread.run_sync(picture, desk, customer, found)
    return desk.page("_family.html", **values)


@router.get("/queries/families")
def families(desk: Analyst, customer: Annotated[list[str], Query(max_length=MOST_ASKED)]) -> Response:
    """Return pictures of the families of the customers a query found, each family once."""
    drawn: set[str] = set()
    pictures: list[dict[str, Any]] = []
    for each in dict.fromkeys(customer):
        if each in drawn or len(pictures) >= MOST_PICTURES:
            continue
        try:
            values = picture(desk, each)
        except NotFound:
            continue  # nobody, or nobody who may be shown for this purpose
        drawn |= {person.customer for person in values["family"].people if person.customer}
        pictures.append(values)
    return desk.page("_families.html", pictures=pictures)


def _relative(row: dict[str, str]) -> Relative:
    """Return a presumed relation as the dossier tells recorded ones."""
    word = row["kind"].removeprefix(AUG).removeprefix("has").lower()
    number = row.get("relative")
    return {"relation": word, "of": "other", "customer_id": number, "presumed": True, "stranger": number is None}
