"""Payment orders for Paya, Iran's batch clearing: the rows of a bank's upload form, and ISO 20022 pain.001.001.03.

Banks differ in which elements of pain.001 they want: here is what each payment needs, with the payout's reference as
EndToEndId, which a bank's answer names, and the paying account with its bank, which the standard makes mandatory.
"""

import csv
import io
from xml.etree import ElementTree as ET

from kernel.calendar import TEHRAN
from merchants.settlement.ports import Payment, PayoutOrder

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"


class PayaCsv:
    """One row a payment: reference, Sheba, name, Rial; UTF-8 with a header."""

    form = "csv"
    media_type = "text/csv"
    needs_payer = False

    def write(self, order: PayoutOrder) -> bytes:
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(("reference", "sheba", "holder_name", "amount_rial"))
        rows.writerows((one.reference, one.sheba, one.holder_name, one.amount_rial) for one in order.payments)
        return text.getvalue().encode()


class PayaXml:
    """CstmrCdtTrfInitn with one PmtInf; NbOfTxs and CtrlSum stand in both headers."""

    form = "xml"
    media_type = "application/xml"
    needs_payer = True

    def write(self, order: PayoutOrder) -> bytes:
        if order.payer is None:
            raise ValueError("who asks for this form gives its payer")
        document = ET.Element("Document", xmlns=NAMESPACE)
        start = ET.SubElement(document, "CstmrCdtTrfInitn")
        header = ET.SubElement(start, "GrpHdr")
        made_at = order.made_at.astimezone(TEHRAN)
        _text(header, "MsgId", order.reference)
        _text(header, "CreDtTm", made_at.isoformat(timespec="seconds"))
        _sums(header, order)
        _text(header, "InitgPty/Nm", order.payer.name)
        block = ET.SubElement(start, "PmtInf")
        _text(block, "PmtInfId", order.reference)
        _text(block, "PmtMtd", "TRF")
        _sums(block, order)
        _text(block, "ReqdExctnDt", made_at.date().isoformat())
        _text(block, "Dbtr/Nm", order.payer.name)
        _text(block, "DbtrAcct/Id/IBAN", order.payer.sheba)
        _text(block, "DbtrAgt/FinInstnId/BIC", order.payer.bic)
        for payment in order.payments:
            _payment(block, payment)
        ET.indent(document)
        content: bytes = ET.tostring(document, encoding="utf-8", xml_declaration=True)
        return content


def _payment(block: ET.Element, payment: Payment) -> None:
    order = ET.SubElement(block, "CdtTrfTxInf")
    _text(order, "PmtId/EndToEndId", payment.reference)
    _text(order, "Amt/InstdAmt", str(payment.amount_rial)).set("Ccy", "IRR")
    _text(order, "Cdtr/Nm", payment.holder_name)
    _text(order, "CdtrAcct/Id/IBAN", payment.sheba)


def _sums(parent: ET.Element, order: PayoutOrder) -> None:
    _text(parent, "NbOfTxs", str(len(order.payments)))
    _text(parent, "CtrlSum", str(order.total_rial))


def _text(parent: ET.Element, path: str, text: str) -> ET.Element:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = text
    return parent


PAYOUT_FILES = (PayaCsv(), PayaXml())
