#include "stores/sqlite/SqliteDeadLetters.h"

#include "carillon/Errors.h"
#include "stores/sqlite/Inbox.h"
#include "stores/sqlite/LetterRows.h"
#include "stores/sqlite/Outbox.h"

#include <algorithm>
#include <charconv>

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Session;
using port::DeadLetter;
using port::DeadLetterFilter;

constexpr char hexDigits[] = "0123456789abcdef";

/// Moment, type and id in hex: opaque, and safe in an address.
std::string cursorAfter(const DeadLetter& letter)
{
    const std::string plain =
        std::to_string(letter.failedAt.time_since_epoch().count()) + '\n' + letter.envelope.type + '\n' + letter.envelope.id;
    std::string cursor;
    cursor.reserve(2 * plain.size());
    for (const char c : plain)
    {
        const auto byte = static_cast<unsigned char>(c);
        cursor += hexDigits[byte >> 4];
        cursor += hexDigits[byte & 15];
    }
    return cursor;
}

[[noreturn]] void rejectCursor()
{
    throw InvalidInput("this cursor is none that a list of dead letters gave; begin with the first page, without a cursor");
}

LetterPosition positionOf(const std::string& cursor)
{
    std::string plain;
    for (std::size_t i = 0; i < cursor.size(); i += 2)
    {
        int byte = 0;
        const char* const end = cursor.data() + std::min(i + 2, cursor.size());
        const auto [stopped, error] = std::from_chars(cursor.data() + i, end, byte, 16);
        if (error != std::errc{} || stopped != cursor.data() + i + 2 || byte < 0) rejectCursor();
        plain += static_cast<char>(byte);
    }
    const std::size_t first = plain.find('\n');
    const std::size_t second = first == std::string::npos ? first : plain.find('\n', first + 1);
    if (second == std::string::npos) rejectCursor();

    std::int64_t milliseconds = 0;
    const auto [stopped, error] = std::from_chars(plain.data(), plain.data() + first, milliseconds);
    if (error != std::errc{} || stopped != plain.data() + first) rejectCursor();
    return {TimePoint{std::chrono::milliseconds{milliseconds}}, plain.substr(second + 1), plain.substr(first + 1, second - first - 1)};
}

} // namespace

port::DeadLetters::Page SqliteDeadLetters::list(const DeadLetterFilter& filter, std::size_t limit, const std::string& cursor)
{
    if (limit == 0) return {};
    const auto after = cursor.empty() ? std::nullopt : std::optional(positionOf(cursor));
    // One more than asked for tells whether there is a next page.
    auto letters = _database.read([&](Session& session) { return LetterRows(session).list(filter, limit + 1, after); });

    Page page;
    if (letters.size() > limit)
    {
        letters.pop_back();
        page.nextCursor = cursorAfter(letters.back());
    }
    page.letters = std::move(letters);
    return page;
}

std::optional<DeadLetter> SqliteDeadLetters::find(const std::string& id)
{
    return _database.read([&](Session& session) { return LetterRows(session).find(id); });
}

std::uint64_t SqliteDeadLetters::count(const DeadLetterFilter& filter)
{
    return _database.read([&](Session& session) { return LetterRows(session).count(filter); });
}

std::map<std::string, std::uint64_t> SqliteDeadLetters::countByType()
{
    return _database.read(
        [](Session& session)
        {
            std::map<std::string, std::uint64_t> counts;
            auto rows = session.prepare("SELECT type, count(*) FROM dead_letters GROUP BY type");
            while (rows.step()) counts[rows.text(0)] = static_cast<std::uint64_t>(rows.integer(1));
            return counts;
        });
}

std::optional<Envelope> SqliteDeadLetters::release(const std::string& id, const Publish& publish)
{
    _database.requireSpace();
    return _database.write(
        [&](Session& session) -> std::optional<Envelope>
        {
            LetterRows rows(session);
            const auto letter = rows.find(id);
            if (!letter) return {};
            rows.removeOne(letter->envelope);

            Envelope envelope = letter->envelope;
            envelope.turn = Inbox(session).reopen(envelope, letter->history, letter->replays + 1, _clock.now());
            envelope.attempt = 1;
            envelope.dueAt.reset();
            if (const auto row = publish(session, envelope)) Outbox(session).add({&*row, 1}, &envelope);
            return envelope;
        });
}

std::size_t SqliteDeadLetters::remove(std::span<const std::string> ids)
{
    if (ids.empty()) return 0;
    return _database.write(
        [&](Session& session)
        {
            LetterRows rows(session);
            std::size_t removed = 0;
            for (const auto& id : ids) removed += rows.remove(id);
            return removed;
        });
}

std::size_t SqliteDeadLetters::removeAll(const DeadLetterFilter& filter)
{
    return _database.write([&](Session& session) { return LetterRows(session).removeAll(filter); });
}

} // namespace carillon::stores::sqlite
