//! `/history.rss` and `/history.atom`: the newest incidents and maintenances with all that was said of them.
//!
//! A reader's program takes a description as HTML, so what an operator typed is encoded twice: once as text of
//! that HTML, once by the feed's writer as text of the XML.

use std::fmt::Write as _;

use atom_syndication::{Content, Entry, Feed, FixedDateTime, Link, Person, Text};
use leptos::prelude::*;
use rss::{Channel, Guid, Item};

use crate::{
    incidents::Incident,
    pages::{Reader, moment, paragraphs},
    snapshot::{Kind, Made, World},
    words::word,
};

/// So many entries.
const NEWEST: usize = 50;

fn url(reader: Reader<'_>, path: &str) -> String {
    format!("{}{}", reader.house.public_url, reader.href(path))
}

fn incident_url(reader: Reader<'_>, incident: &Incident) -> String {
    url(reader, &format!("/incidents/{}", incident.id))
}

fn title(reader: Reader<'_>, incident: &Incident) -> String {
    format!(
        "[{}] {}",
        incident.status.label(reader.lang),
        incident.title(reader.lang)
    )
}

/// All that was said as plain HTML, encoded by the same renderer as the pages.
fn html(reader: Reader<'_>, world: &World, incident: &Incident) -> String {
    let lang = reader.lang;
    let owner = Owner::new();
    owner.with(|| {
        let updates = incident.updates.iter().map(|update| {
            let states: Vec<String> = incident
                .states
                .iter()
                .filter(|change| change.update == update.id)
                .filter_map(|change| {
                    Some(format!(
                        "{}: {}",
                        world.component(&change.component)?.name(lang),
                        change.status.label(lang)
                    ))
                })
                .collect();
            view! {
                <p><strong>{update.status.label(lang)}</strong> " · " {moment(reader, update.display_at)}</p>
                {paragraphs(update.body(lang))}
                {(!states.is_empty()).then(|| view! { <p>{states.join(", ")}</p> })}
            }
        });
        updates.collect_view().to_html()
    })
}

fn atom_time(reader: Reader<'_>, at: i64) -> FixedDateTime {
    reader.times().iso(at).parse().unwrap_or_default()
}

fn rss_time(reader: Reader<'_>, at: i64) -> String {
    reader
        .times()
        .zoned(at)
        .strftime("%a, %d %b %Y %H:%M:%S %z")
        .to_string()
}

/// Atom.
pub(crate) fn atom(reader: Reader<'_>, world: &World) -> Made {
    let lang = reader.lang;
    let name = reader.house.page.name(lang);
    let mut feed = Feed::default();
    feed.set_title(Text::plain(word!(lang, shell.site_name, service = &name)));
    feed.set_id(url(reader, "/history.atom"));
    feed.set_lang(lang.code().to_owned());
    feed.set_updated(atom_time(reader, world.changed_at));
    feed.set_authors(vec![Person {
        name,
        ..Person::default()
    }]);
    feed.set_links(vec![
        Link {
            href: url(reader, "/history.atom"),
            rel: "self".to_owned(),
            ..Link::default()
        },
        Link {
            href: url(reader, "/"),
            rel: "alternate".to_owned(),
            ..Link::default()
        },
    ]);
    let entries = world.incidents.iter().take(NEWEST).map(|incident| {
        let mut entry = Entry::default();
        entry.set_title(Text::plain(title(reader, incident)));
        entry.set_id(format!("{}/incidents/{}", reader.house.public_url, incident.id));
        entry.set_updated(atom_time(reader, incident.updated_at));
        entry.set_published(atom_time(reader, incident.created_at));
        entry.set_links(vec![Link {
            href: incident_url(reader, incident),
            rel: "alternate".to_owned(),
            ..Link::default()
        }]);
        let mut content = Content::default();
        content.set_content_type("html".to_owned());
        content.set_value(html(reader, world, incident));
        entry.set_content(content);
        entry
    });
    feed.set_entries(entries.collect::<Vec<_>>());
    Made::new(Kind::Atom, Some(lang), feed.to_string().into())
}

/// RSS.
pub(crate) fn rss(reader: Reader<'_>, world: &World) -> Made {
    let lang = reader.lang;
    let name = reader.house.page.name(lang);
    let mut channel = Channel::default();
    channel.set_title(word!(lang, shell.site_name, service = &name));
    channel.set_link(url(reader, "/"));
    channel.set_description(word!(lang, history.about, service = &name));
    channel.set_language(lang.code().to_owned());
    channel.set_last_build_date(rss_time(reader, world.changed_at));
    channel.set_ttl("1".to_owned());
    let items = world.incidents.iter().take(NEWEST).map(|incident| {
        let mut item = Item::default();
        item.set_title(title(reader, incident));
        item.set_link(incident_url(reader, incident));
        item.set_guid(Guid {
            value: format!("{}/incidents/{}", reader.house.public_url, incident.id),
            permalink: true,
        });
        item.set_pub_date(rss_time(reader, incident.updated_at));
        item.set_description(html(reader, world, incident));
        item
    });
    channel.set_items(items.collect::<Vec<_>>());
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(out, "{channel}");
    Made::new(Kind::Rss, Some(lang), out.into())
}
