//! What the record has of a customer is written down for them: all of it, and nothing of others.

use std::path::Path;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::house::{Customer, House, text, unique};

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

/// All that was written, as one text; its digests are right, and there is nothing besides.
fn whole(folder: &Path) -> String {
    let manifest = json(&folder.join("manifest.json"));
    let mut all = String::new();
    for file in manifest["files"].as_array().expect("files") {
        let bytes = std::fs::read(folder.join(text(&file["file"]))).expect("a file that is named");
        let digest = HEXLOWER.encode(&Sha256::digest(&bytes));
        assert_eq!((text(&file["sha256"]), file["size"].as_u64()), (digest.as_str(), Some(bytes.len() as u64)));
        all.push_str(&String::from_utf8_lossy(&bytes));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_gets_what_they_wrote_and_got_and_no_word_of_others() {
    let house = House::open().await;
    let (customer, other) = (Customer::new(), Customer::new());
    let words: Vec<String> = ["subject", "body", "answer", "note"].map(|word| format!("{word}{}", unique())).into();
    let [subject, body, answer, note] = &words[..] else { unreachable!("four words") };
    customer.write_with_file(house.address(), subject, body).await;
    let card = house.alice.card(house.room(), subject).await;
    house.alice.say_in(house.room(), &card.root, &format!("!note {note}")).await;
    let cc = format!("!cc +{}", other.address);
    let said = house.alice.say_in(house.room(), &card.root, &cc).await;
    house.alice.marked(house.room(), &said, "✅").await;
    house.alice.say_in(house.room(), &card.root, &format!("!answer --all {answer}")).await;
    let mail = other.answer().await;
    let foreign = format!("foreign{}", unique());
    other.reply(&mail, &foreign).await;
    customer.answer().await;
    house.idle().await;

    let dir = tempfile::tempdir().expect("a directory");
    let folder = |name: &str| dir.path().join(name);
    let export = async |whose: &Customer, name: &str, more: &[&str]| {
        let to = folder(name).display().to_string();
        house.must(&[&["export", whose.address.as_str(), "--to", to.as_str()][..], more].concat()).await;
        whole(&folder(name))
    };
    let theirs = export(&customer, "theirs", &[]).await;
    for word in [subject.as_str(), body, answer, "form.pdf", &customer.address] {
        assert!(theirs.contains(word), "{word} is missing");
    }
    assert!(!theirs.contains(note.as_str()) && !theirs.contains(&foreign), "{theirs}");
    let ticket = json(&folder("theirs").join("tickets").join(&card.number).join("ticket.json"));
    let first = &ticket["articles"][0];
    let eml = std::fs::read_to_string(folder("theirs").join(text(&first["mail"]))).expect("the mail");
    assert!(eml.contains("Message-ID: ") && eml.contains(body.as_str()));
    let pdf = std::fs::read_to_string(folder("theirs").join(text(&first["files"][0]["file"]))).expect("the file");
    assert_eq!(pdf.trim_end(), format!("%PDF {body}"));

    assert!(export(&customer, "notes", &["--notes"]).await.contains(note.as_str()));
    let others = export(&other, "others", &["--notes"]).await;
    assert!(others.contains(&foreign) && others.contains(answer.as_str()));
    let json = json(&folder("others").join("tickets").join(&card.number).join("ticket.json")).to_string();
    assert!(!json.contains(body.as_str()) && !json.contains(note.as_str()), "{json}");

    let to = folder("theirs").display().to_string();
    let again = house.run(&["export", &customer.address, "--to", &to], b"").await;
    assert!(String::from_utf8_lossy(&again.stderr).contains("there is an export in"), "{again:?}");
    let unknown = house.run(&["export", "nobody@nowhere.test", "--to", &folder("x").display().to_string()], b"").await;
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("the record has nothing of nobody@nowhere.test"));
    house.stop().await;
}
