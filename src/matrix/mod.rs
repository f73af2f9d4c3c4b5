//! The only place that knows matrix-sdk.
