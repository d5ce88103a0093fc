//! What only librdkafka's own interface can do: the ids of topics.
#![expect(
    unsafe_code,
    reason = "rdkafka wraps no call that tells a topic's id; each block says why it is sound"
)]

use rdkafka::bindings as rd;
use rdkafka::client::{Client, ClientContext};
use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::time::Duration;

const MESSAGE_BYTES: usize = 256;

/// The ids of topics, `None` for one that the broker does not describe.
///
/// # Errors
/// When no broker answers in time, or the account may not describe topics.
pub(crate) fn topic_ids<C: ClientContext, const N: usize>(
    client: &Client<C>,
    topics: &[&str; N],
    limit: Duration,
) -> Result<[Option<String>; N], String> {
    let names: Vec<CString> = topics
        .iter()
        .map(|name| CString::new(*name).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    let answer = Answer::ask(client, &names, limit)?;
    let described = answer.described();
    Ok(topics.map(|topic| {
        let mut found = described.iter();
        found
            .find(|(name, _)| name == topic)
            .and_then(|(_, id)| id.clone())
    }))
}

/// The broker's answer to a question about topics.
struct Answer(*mut rd::rd_kafka_event_t);

impl Answer {
    fn ask<C: ClientContext>(
        client: &Client<C>,
        names: &[CString],
        limit: Duration,
    ) -> Result<Self, String> {
        let millis = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
        let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        let mut message = [0; MESSAGE_BYTES];
        // SAFETY: the client outlives every call here; the names live until the collection, which copies
        // them, is made; queue, collection and options are destroyed exactly once, after their last use;
        // the message buffer is as long as is said.
        let event = unsafe {
            let rk = client.native_ptr();
            let queue = rd::rd_kafka_queue_new(rk);
            let collection =
                rd::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
            let options = rd::rd_kafka_AdminOptions_new(
                rk,
                rd::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
            );
            rd::rd_kafka_AdminOptions_set_request_timeout(
                options,
                millis,
                message.as_mut_ptr(),
                MESSAGE_BYTES,
            );
            rd::rd_kafka_DescribeTopics(rk, collection, options, queue);
            let event = rd::rd_kafka_queue_poll(queue, millis);
            rd::rd_kafka_AdminOptions_destroy(options);
            rd::rd_kafka_TopicCollection_destroy(collection);
            rd::rd_kafka_queue_destroy(queue);
            event
        };
        if event.is_null() {
            return Err("no broker answered in time".to_owned());
        }
        let answer = Self(event);
        // SAFETY: the event is not null and lives as long as `answer`; its text lives as long as it does.
        let trouble = unsafe {
            let code = rd::rd_kafka_event_error(answer.0);
            (code != rd::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR)
                .then(|| text(rd::rd_kafka_event_error_string(answer.0)))
        };
        match trouble {
            Some(reason) => Err(reason.unwrap_or_default()),
            None => Ok(answer),
        }
    }

    /// Each topic with its id.
    fn described(&self) -> Vec<(String, Option<String>)> {
        let mut count = 0;
        // SAFETY: the event is of this kind, for nothing else is asked on its queue; the descriptions and
        // the texts in them belong to it and are copied before it goes.
        unsafe {
            let result = rd::rd_kafka_event_DescribeTopics_result(self.0);
            if result.is_null() {
                return Vec::new();
            }
            let topics =
                rd::rd_kafka_DescribeTopics_result_topics(result, ptr::from_mut(&mut count));
            (0..count)
                .filter_map(|place| {
                    let topic = *topics.add(place);
                    let name = text(rd::rd_kafka_TopicDescription_name(topic))?;
                    let error = rd::rd_kafka_TopicDescription_error(topic);
                    let known = error.is_null()
                        || rd::rd_kafka_error_code(error)
                            == rd::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
                    let id = rd::rd_kafka_TopicDescription_topic_id(topic);
                    let id = (known && !id.is_null())
                        .then(|| text(rd::rd_kafka_Uuid_base64str(id)))
                        .flatten();
                    Some((name, id))
                })
                .collect()
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: the event is not null, and this is the only place that destroys it.
        unsafe { rd::rd_kafka_event_destroy(self.0) }
    }
}

/// # Safety
/// The pointer is null or points to a text that ends with NUL.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: it is not null, and the caller says that it points to a text.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned())
}
