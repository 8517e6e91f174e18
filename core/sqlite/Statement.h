#pragma once

#include "carillon/Clock.h"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace carillon::sqlite
{

/// A prepared statement of a connection. `inUse`: a Statement borrows it now.
struct PreparedStatement
{
    sqlite3_stmt* handle = nullptr;
    bool inUse = false;
    /// False for a second one of the same SQL, made because the kept one was in use.
    bool isKept = true;
};

/// A prepared statement, borrowed from its connection's cache while this lives: reset and given back at its end. Must not outlive the
/// function that a Database called. Not thread-safe. All of it throws StoreError or StorageFull (see ErrorMapping.h).
///
/// `session.prepare("SELECT a FROM t WHERE b = ?1").bind(b)` then `while (statement.step()) use(statement.integer(0));`
/// `session.prepare("DELETE FROM t WHERE b = ?1").bind(b).run();`
class Statement
{
public:
    Statement(PreparedStatement& prepared, const std::filesystem::path& file) : _prepared(&prepared), _file(&file)
    {
        prepared.inUse = true;
    }
    ~Statement();
    Statement(Statement&& other) noexcept : _prepared(other._prepared), _file(other._file) { other._prepared = nullptr; }
    Statement& operator=(Statement&&) = delete;

    /// Binds to ?1, ?2, … in order. Texts are copied. Integers, bool, double, texts, TimePoint, milliseconds, nullptr and optionals of
    /// these.
    template <typename... Values>
    Statement& bind(const Values&... values) &
    {
        int index = 0;
        (bindAt(++index, values), ...);
        return *this;
    }
    template <typename... Values>
    Statement&& bind(const Values&... values) &&
    {
        bind(values...);
        return std::move(*this);
    }

    void bindAt(int index, std::nullptr_t);
    void bindAt(int index, double value);
    void bindAt(int index, std::string_view text);
    void bindAt(int index, const char* text) { bindAt(index, std::string_view(text)); }
    void bindAt(int index, const std::string& text) { bindAt(index, std::string_view(text)); }
    template <std::integral Integer>
    void bindAt(int index, Integer value)
    {
        bindInteger(index, static_cast<std::int64_t>(value));
    }
    void bindAt(int index, std::chrono::milliseconds value) { bindInteger(index, value.count()); }
    void bindAt(int index, TimePoint value) { bindInteger(index, value.time_since_epoch().count()); }
    template <typename Value>
    void bindAt(int index, const std::optional<Value>& value)
    {
        if (value)
            bindAt(index, *value);
        else
            bindAt(index, nullptr);
    }
    /// Bytes that need not be text.
    void bindBlobAt(int index, std::string_view bytes);

    /// True: a row is there; false: the end.
    bool step();
    /// Steps to the end.
    void run();
    /// Ready to be bound and run again, with the bindings kept.
    void reset();

    /// Columns of the current row, from 0. NULL reads as 0 or empty.
    std::int64_t integer(int column) const;
    double number(int column) const;
    /// Text or blob, byte for byte.
    std::string text(int column) const { return std::string(view(column)); }
    /// Valid until the next step.
    std::string_view view(int column) const;
    bool isNull(int column) const;
    TimePoint time(int column) const { return TimePoint(std::chrono::milliseconds(integer(column))); }
    std::optional<TimePoint> optionalTime(int column) const;
    std::optional<std::int64_t> optionalInteger(int column) const;
    std::optional<std::string> optionalText(int column) const;

private:
    void bindInteger(int index, std::int64_t value);
    void check(int code) const;

    PreparedStatement* _prepared;
    const std::filesystem::path* _file;
};

} // namespace carillon::sqlite
