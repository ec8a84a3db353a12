//! The testkit's random walk: it finds nothing wrong with handlers that do as declared, and finds what they do wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use codegen_tests::walk::counter::{self, Request, RequestReply, Trouble};
use codegen_tests::walk::hall::{self, Called, DoorError};
use codegen_tests::walk::{Cx, Mood, Name, Note, Role, Small, Ticket, Wish, serve};
use parking_lot::Mutex;
use switchboard::Error;
use switchboard::testkit::{self, Walk, Walked, json};

/// Who does something that no walk may leave unnoticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    /// An undeclared failure for some values.
    FailsOnLoudSighs,
    PanicsOnTheLeastShare,
    /// Leaves its limits.
    AnswersTooMuch,
    /// Hangs.
    NeverAnswers,
    /// Closes the connection for no reason.
    ClosesOnCalls,
    /// Takes its time, which is no fault.
    Slow,
}

#[derive(Default)]
struct App {
    fault: Fault,
    tickets: Mutex<BTreeMap<String, Name>>,
}

impl App {
    fn with(fault: Fault) -> Arc<Self> {
        Arc::new(Self { fault, ..Self::default() })
    }

    fn welcome(&self, cx: &Cx, who: &Name, clerk: bool) -> Ticket {
        cx.identify(who.clone(), if clerk { vec![Role::Clerk, Role::Guest] } else { vec![Role::Guest] });
        let mut tickets = self.tickets.lock();
        let ticket = format!("{:0>24}", tickets.len());
        tickets.insert(ticket.clone(), who.clone());
        Ticket::new(ticket).expect("24 digits")
    }
}

impl hall::Handlers for App {
    async fn enter(&self, cx: &Cx, message: &hall::Enter) -> Result<Ticket, DoorError> {
        if self.tickets.lock().len() > 200 {
            return Err(DoorError::Full);
        }
        Ok(self.welcome(cx, &message.name, message.clerk))
    }

    async fn r#return(&self, cx: &Cx, message: &hall::Return) -> Result<Name, DoorError> {
        let known = self.tickets.lock().get(message.ticket.as_str()).cloned();
        let name = known.ok_or(DoorError::UnknownTicket)?;
        cx.identify(name.clone(), [Role::Guest]);
        Ok(name)
    }

    async fn leave(&self, cx: &Cx, _: &hall::Leave) -> Result<(), Error> {
        cx.sign_out();
        Ok(())
    }

    async fn queue(&self, _: &Cx, message: &hall::Queue) -> Result<u32, Error> {
        if self.fault == Fault::Slow {
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        }
        Ok(message.line.into())
    }

    async fn call(&self, cx: &Cx, message: &hall::Call) -> Result<Called, Error> {
        if self.fault == Fault::ClosesOnCalls {
            cx.close(1_011, "why not");
        }
        Ok(Called { line: message.line, name: message.name.clone() })
    }

    async fn sigh(&self, _: &Cx, message: &hall::Sigh) -> Result<(), Error> {
        if self.fault == Fault::FailsOnLoudSighs && message.loud == Some(Some(true)) && message.how == Mood::Cross {
            return Err(Error::msg("nobody may be that loud"));
        }
        Ok(())
    }
}

impl counter::Handlers for App {
    async fn request(&self, _: &Cx, message: &Request) -> Result<RequestReply, Trouble> {
        let Request { wish, note, share, big, step, .. } = message.clone();
        match self.fault {
            Fault::PanicsOnTheLeastShare => assert!(share.get() > 0.25, "too little"),
            Fault::NeverAnswers if step == 4 => std::future::pending().await,
            _ => {}
        }
        if let Wish::Stamps { count, .. } = &wish
            && count.get() > 400
        {
            return Err(Trouble::TooMuch { most: Small::new(400).expect("it is one") });
        }
        let long = |note: Note| Note { text: "x".repeat(41), ..note };
        let note = if self.fault == Fault::AnswersTooMuch { note.map(long) } else { note };
        Ok(RequestReply { wish, note, share, big, step })
    }

    async fn rest(&self, _: &Cx, _: &counter::Rest) -> Result<(), Error> {
        Ok(())
    }

    async fn shut(&self, cx: &Cx, _: &counter::Shut) -> Result<(), Error> {
        cx.sign_out();
        Ok(())
    }
}

fn walk(fault: Fault) -> Walk<codegen_tests::walk::Routes> {
    testkit::walk(move || serve(App::with(fault)))
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is_wrong_and_every_message_is_reached() {
    for fault in [Fault::None, Fault::Slow] {
        let walked = walk(fault).steps(3_000).run().await;
        let Walked { answered, declined, refused, events, never, .. } = &walked;
        assert!(*answered > 500 && *declined > 10 && *refused > 500 && *events > 20, "{walked:?}");
        assert!(never.is_empty(), "{walked:?}");
    }
}

#[tokio::test]
async fn a_walk_is_the_same_again_with_its_seed() {
    let first = walk(Fault::None).seed(7).run().await;
    assert_eq!(first, walk(Fault::None).seed(7).run().await);
}

#[tokio::test]
async fn clients_may_begin_with_something_and_payloads_be_changed() {
    let walked = walk(Fault::None)
        .clients(1)
        .begin(|_, number| vec![("hall/enter", json!({"name": format!("c{}", ["ann", "bob"][number % 2])}))])
        .with(|chance, name, payload| {
            if name == "hall/queue" {
                payload["line"] = json!(chance.below(3));
            }
        })
        .run()
        .await;
    assert!(walked.answered > 100, "{walked:?}");
}

/// What a walk says of an application with this fault; chance has a few tries.
async fn found(fault: Fault) -> String {
    for _ in 0..5 {
        // A task, so that its panic can be looked at.
        let walking =
            async move { tokio::task::spawn_local(async move { walk(fault).steps(3_000).run().await }).await };
        if let Err(panic) = tokio::task::LocalSet::new().run_until(walking).await {
            return *panic.into_panic().downcast::<String>().expect("a text");
        }
    }
    panic!("five walks have not found {fault:?}")
}

#[tokio::test]
async fn what_handlers_do_wrong_is_found_and_made_short() {
    for (fault, what, steps) in [
        (Fault::FailsOnLoudSighs, "a handler failed: `hall/sigh`", 20),
        (Fault::PanicsOnTheLeastShare, "a handler failed: `counter/request`", 20),
        (Fault::NeverAnswers, "refused although it is right: `counter/request`", 20),
        (Fault::ClosesOnCalls, "the connection was closed: 1011 why not", 20),
        (Fault::AnswersTooMuch, "a handler failed: `counter/request`", 20),
    ] {
        let text = found(fault).await;
        assert!(text.contains(what), "{fault:?}: {text}");
        let found = text.split("the shortest way there has ").nth(1).and_then(|rest| rest.split(' ').next());
        let found = found.and_then(|count| count.parse::<usize>().ok()).expect("a number of steps");
        assert!(found <= steps, "{fault:?}: {text}");
    }
    let text = found(Fault::FailsOnLoudSighs).await;
    assert!(text.contains("- hall::sigh failed: nobody may be that loud"), "{text}");
}
