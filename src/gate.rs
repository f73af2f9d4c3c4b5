//! Sending can be paused: then nothing that would be sent is begun, and it waits in its lanes.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// How often is looked whether it is.
const LOOK: Duration = Duration::from_secs(5);

/// Keeps a gate open as long as sending is not paused. What the record can't be asked stays as it is.
pub async fn watch_sending(store: Store, open: watch::Sender<bool>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match store.is_sending_paused().await {
            Ok(is_paused) => {
                open.send_if_modified(|open| std::mem::replace(open, !is_paused) == is_paused);
            }
            Err(error) => tracing::debug!(%error, "the record can't be asked whether sending is paused"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Waits until a gate is open, or closed; `false` if it never will be any more.
async fn turned(gate: &mut watch::Receiver<bool>, to: bool) -> bool {
    gate.wait_for(|open| *open == to).await.is_ok()
}

/// Works while a gate is open, until it is to stop.
pub async fn while_open<F: Future<Output = ()>>(
    mut gate: watch::Receiver<bool>,
    stop: CancellationToken,
    work: impl Fn(CancellationToken) -> F,
) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            is_open = turned(&mut gate, true) => if !is_open { return },
        }
        let turn = stop.child_token();
        let working = work(turn.clone());
        tokio::pin!(working);
        tokio::select! {
            () = &mut working => {}
            _ = turned(&mut gate, false) => {
                // What is under way comes to its end.
                turn.cancel();
                working.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_goes_on_only_while_the_gate_is_open_and_comes_to_its_end() {
        let (gate, stop) = (watch::Sender::new(false), CancellationToken::new());
        let (begun, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counts, ends) = (Arc::clone(&begun), Arc::clone(&ended));
        let working = tokio::spawn(while_open(gate.subscribe(), stop.clone(), move |turn| {
            let (begun, ended) = (Arc::clone(&counts), Arc::clone(&ends));
            async move {
                begun.fetch_add(1, Ordering::SeqCst);
                turn.cancelled().await;
                ended.fetch_add(1, Ordering::SeqCst);
            }
        }));
        let until = async |what: &AtomicUsize, count| {
            while what.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::task::yield_now().await;
        assert_eq!(begun.load(Ordering::SeqCst), 0);
        for turn in 1..=2 {
            gate.send_replace(true);
            until(&begun, turn).await;
            gate.send_replace(false);
            until(&ended, turn).await;
        }
        gate.send_replace(true);
        until(&begun, 3).await;
        stop.cancel();
        working.await.expect("its end");
        assert_eq!((begun.load(Ordering::SeqCst), ended.load(Ordering::SeqCst)), (3, 3));
    }
}
