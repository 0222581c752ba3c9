"""The two files that the demonstration imports, and what their columns are."""

from __future__ import annotations

from deploy.demo import febrl, taiwan_people
from deploy.demo.importing import Delivery


def australians() -> Delivery:
    """Febrl's data set 3. Raises `NoFebrlData`."""
    return Delivery(
        name="Febrl data set 3",
        data=febrl.csv_file(),
        country="AU",
        key="external_id:febrl",
        corrections={
            "rec_id": "external_id:febrl",
            "given_name": "given_name",
            "surname": "family_name",
            "street_number": "street",
            "address_1": "street",
            "address_2": "street",
            "suburb": "city",
            "postcode": "postal_code",
            "state": "region",
            "date_of_birth": "birthday",
            "soc_sec_id": "ignore",
        },
        mapping={"source": "Febrl", "invalid_values": "leave_out"},
    )


def taiwanese(count: int) -> Delivery:
    """Generated people of Taiwan."""
    return Delivery(
        name="Generated people of Taiwan",
        data=taiwan_people.csv_file(count),
        country="TW",
        key="external_id:members",
        corrections={"會員編號": "external_id:members"},
        mapping={"source": "Taiwan, generated", "lifecycle_stage": "customer"},
    )
