#pragma once

#include "carillon/Api.h"
#include "carillon/Clock.h"

#include <map>
#include <optional>
#include <string>

namespace carillon
{

using Headers = std::map<std::string, std::string, std::less<>>;

/// A message and what travels with it. A value: copied, moved, compared freely.
struct Envelope
{
    /// UUIDv7 unless the publisher chose one; unique together with `type`. Never an order.
    std::string id;
    /// Routes the message and chooses its handler: `notification.send`.
    std::string type;
    /// The body's version; plugins upcast older ones.
    int version = 1;
    /// JSON, UTF-8. Handed on byte for byte.
    std::string body;
    Headers headers;

    /// Counts from 1; changes only by a recorded decision to retry.
    int attempt = 1;
    /// Counts recorded decisions, deferrals included, from 1. Orders the decisions about one message.
    int turn = 1;
    /// Higher goes first; 0 is usual.
    int priority = 0;

    TimePoint publishedAt{};
    /// Not before this; empty: at once.
    std::optional<TimePoint> dueAt;
    /// After this the message is expired, never handled.
    std::optional<TimePoint> expiresAt;

    /// W3C Trace Context `traceparent`; empty when the publisher had none.
    std::string traceParent;
    /// Unique while not terminal: a second publish answers with the first id.
    std::string dedupeKey;
    /// One at a time a key, across all workers.
    std::string concurrencyKey;
    /// Which service the message belongs to (`diabetes`); chooses the database where there are several.
    std::string service;

    bool operator==(const Envelope&) const = default;
};

/// A new UUIDv7 (RFC 9562): time-ordered by the millisecond, 74 random bits. Thread-safe.
CARILLON_API std::string newMessageId(TimePoint now);

} // namespace carillon
