"""Protocol documents from a study file: SPIRIT 2025 and TIDieR, every item filled or marked missing."""

from exotrial.report.protocol.documents import ProtocolDocument, find_documents, get_document

__all__ = ["ProtocolDocument", "find_documents", "get_document"]
