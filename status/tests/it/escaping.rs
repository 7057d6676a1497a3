//! What an operator types is text everywhere, whatever it looks like.

use crate::house::Site;

const EVIL: &str = "</textarea><script>alert(1)</script>\" onload=x ]]> &amp; <img src=x>";

fn harmless(what: &str, html: &str) {
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{what}: {html}"
    );
    assert!(!html.contains("</textarea><s"), "{what}");
}

#[tokio::test]
async fn a_script_in_an_incident_stays_text_in_pages_forms_and_feeds() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let evil = [
        ("title_ko", EVIL),
        ("title_en", EVIL),
        ("body_ko", EVIL),
        ("body_en", EVIL),
    ];
    let id = desk.opened(&site, &evil).await;
    for path in ["/", "/history", "/desk", "/desk?lang=en", "/?lang=en"] {
        harmless(path, &desk.page(path).await);
    }
    for path in [format!("/incidents/{id}"), format!("/desk/incidents/{id}")] {
        let page = desk.page(&path).await;
        harmless(&path, &page);
        assert!(page.contains("&lt;script&gt;"), "{path} shows it as text");
    }
    // The form again, with what was typed.
    let answer = desk
        .update(&id, &[("status", "no such"), ("body_ko", EVIL)])
        .await;
    let page = answer.text().await.expect("text");
    harmless("the form again", &page);
    assert!(page.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(
        page.contains("&amp;amp;"),
        "an entity that was typed is shown as it was typed"
    );
}

#[tokio::test]
async fn feeds_are_read_by_feed_readers_and_contain_the_incident_as_text() {
    let site = Site::new().await;
    let desk = site.operator().await;
    let id = desk.opened(&site, &[("title_ko", EVIL), ("body_ko", EVIL)]).await;
    desk.update(
        &id,
        &[("status", "identified"), ("body_ko", "원인을 찾았습니다.")],
    )
    .await;

    let answer = desk.get("/history.rss").await;
    assert_eq!(
        answer.headers()["content-type"],
        "application/rss+xml; charset=utf-8"
    );
    let channel = rss::Channel::read_from(&answer.bytes().await.expect("bytes")[..]).expect("RSS");
    let item = &channel.items()[0];
    assert_eq!(
        item.link(),
        Some(format!("{}/incidents/{id}", site.base).as_str())
    );
    assert!(
        item.title().expect("a title").contains("</textarea>"),
        "the title is text, and decoded once it is what was typed"
    );
    let description = item.description().expect("a description");
    harmless("RSS", description);
    assert!(description.contains("원인을 찾았습니다."));
    assert!(description.contains("&lt;script&gt;"));

    let answer = desk.get("/history.atom?lang=en").await;
    assert_eq!(
        answer.headers()["content-type"],
        "application/atom+xml; charset=utf-8"
    );
    let feed = atom_syndication::Feed::read_from(&answer.bytes().await.expect("bytes")[..]).expect("Atom");
    assert_eq!(feed.lang(), Some("en"));
    let entry = &feed.entries()[0];
    assert_eq!(entry.id(), format!("{}/incidents/{id}", site.base));
    assert_eq!(entry.title().value, "[Identified] Payments do not work");
    let content = entry
        .content()
        .and_then(|content| content.value())
        .expect("content");
    harmless("Atom", content);
    assert!(content.contains("We are looking for the cause."));
}
