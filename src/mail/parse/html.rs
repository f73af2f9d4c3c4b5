//! A mail's HTML.

/// The HTML as text.
pub(super) fn to_text(html: &str) -> String {
    html2text::from_read(html.as_bytes(), 1000).unwrap_or_default()
}

/// Text as HTML.
pub(super) fn of_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>\n")
}

/// What is new in the HTML.
pub(super) fn fresh(_subject: &str, _html: &str, _text: &str) -> Option<String> {
    None
}
