//! The object store as the configuration names it.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use tokio_util::sync::CancellationToken;

use crate::config::ObjectStoreConfig;
use crate::store::objects::Objects;
use crate::store::{self, Store};

/// How often what is still in PostgreSQL is looked for, and what was given up.
const TIDYING: Duration = Duration::from_mins(10);
/// How many are looked up at once.
const AT_ONCE: i64 = 100;
/// How long one request may take: a mail of the largest size over a slow line.
const REQUEST: Duration = Duration::from_mins(1);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a request is repeated: jobs are tried again anyway, later and later.
const RETRIES: Duration = Duration::from_secs(15);

/// The store of these settings. Nothing is asked of it yet.
///
/// # Errors
/// If the settings don't fit together.
pub fn open(config: &ObjectStoreConfig) -> Result<Objects, object_store::Error> {
    let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: RETRIES };
    let mut client = ClientOptions::new().with_timeout(REQUEST).with_connect_timeout(CONNECT);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&config.bucket)
        .with_region(&config.region)
        .with_access_key_id(&config.access_key_id)
        .with_secret_access_key(config.secret_access_key.reveal())
        .with_retry(retry);
    if let Some(endpoint) = &config.endpoint {
        client = client.with_allow_http(endpoint.scheme() == "http");
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    Ok(Objects::new(Arc::new(builder.with_client_options(client).build()?), &config.prefix, config.writes))
}

/// Moves what had to go into PostgreSQL, and deletes what was given up, until it is to stop.
pub async fn tidy(store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = tidy_once(&store, &stop).await {
            tracing::warn!(%error, "files are still to be moved into the object store, or deleted there");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(TIDYING) => {}
        }
    }
}

async fn tidy_once(store: &Store, stop: &CancellationToken) -> store::Result<()> {
    let mut after = None;
    while store.blobs().takes_away() {
        let here = store.blobs_here(after, AT_ONCE).await?;
        for digest in &here {
            if stop.is_cancelled() {
                return Ok(());
            }
            store.move_away(*digest).await?;
        }
        after = here.last().copied();
        if after.is_none() {
            break;
        }
    }
    while !stop.is_cancelled() && store.delete_gone_objects(AT_ONCE).await? > 0 {}
    Ok(())
}
