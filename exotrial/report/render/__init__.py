"""Renders a report's document model to HTML, PDF, DOCX, CSV and JSON, the same bytes for the same input."""
