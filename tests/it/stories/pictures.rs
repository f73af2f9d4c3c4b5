//! Pictures in the place where a mail shows them.

use super::world::{CAROL, Eml, World};

/// A mail with a picture in its HTML, and a file beside it.
fn with_picture(subject: &str) -> Eml {
    let body = "--=r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
                <p>Look at <b>this</b>: <img src=\"cid:smoke@c\" alt=\"smoke\"> there!</p>\r\n\
                --=r\r\nContent-Type: image/png; name=\"smoke.png\"\r\nContent-ID: <smoke@c>\r\n\
                Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--=r--\r\n";
    Eml::new(CAROL, subject, body).header("Content-Type", "multipart/related; boundary=\"=r\"")
}

#[tokio::test]
async fn a_picture_stands_in_its_place_and_the_same_one_is_uploaded_once() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&with_picture("It smokes")).await).await;
    let html = w.card_post(&case).html.expect("HTML");
    assert!(html.contains("<img src=\"mxc://desk.test/1\""), "{html}");
    assert!(w.thread(&case).is_empty(), "it does not follow as a file, too");
    w.deliver(&with_picture(&format!("[Ticket#{}] again", case.number))).await;
    let (_, post) = w.newest_post(&case);
    assert!(post.html.as_ref().is_some_and(|html| html.contains("mxc://desk.test/1")), "{post:?}");
    assert_eq!(w.chat.uploads().len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn a_picture_that_matrix_refuses_is_its_words_and_said() {
    let w = World::new().await;
    for _ in 0..2 {
        let refusal = ticketloom::desk::seams::Fault::never("it is too large");
        w.chat.will_upload(super::world::Trouble::Fault(refusal));
    }
    let case = w.case_of(w.deliver(&with_picture("It smokes")).await).await;
    let html = w.card_post(&case).html.expect("HTML");
    assert!(html.contains("[image: smoke]") && !html.contains("<img"), "{html}");
    assert!(w.thread(&case).iter().any(|(_, post)| post.text.contains("smoke.png")), "the file is told of");
    w.finish().await;
}
