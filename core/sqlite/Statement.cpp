#include "sqlite/Statement.h"

#include "sqlite/ErrorMapping.h"

#include <sqlite3.h>

namespace carillon::sqlite
{

Statement::~Statement()
{
    if (!_prepared) return;
    if (!_prepared->isKept)
    {
        sqlite3_finalize(_prepared->handle);
        delete _prepared;
        return;
    }
    // A statement that is not reset keeps its read transaction open; bindings would keep a large body in memory.
    sqlite3_reset(_prepared->handle);
    sqlite3_clear_bindings(_prepared->handle);
    _prepared->inUse = false;
}

void Statement::bindAt(int index, std::nullptr_t) { check(sqlite3_bind_null(_prepared->handle, index)); }

void Statement::bindAt(int index, double value) { check(sqlite3_bind_double(_prepared->handle, index, value)); }

void Statement::bindInteger(int index, std::int64_t value) { check(sqlite3_bind_int64(_prepared->handle, index, value)); }

void Statement::bindAt(int index, std::string_view text)
{
    // A view without a pointer would be bound as NULL.
    check(sqlite3_bind_text64(_prepared->handle, index, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bindBlobAt(int index, std::string_view bytes)
{
    check(sqlite3_bind_blob64(_prepared->handle, index, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_TRANSIENT));
}

bool Statement::step()
{
    const int code = sqlite3_step(_prepared->handle);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throwFor(code, sqlite3_db_handle(_prepared->handle), *_file);
}

void Statement::run()
{
    while (step())
    {
    }
    sqlite3_reset(_prepared->handle);
}

void Statement::reset() { sqlite3_reset(_prepared->handle); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(_prepared->handle, column); }

double Statement::number(int column) const { return sqlite3_column_double(_prepared->handle, column); }

std::string_view Statement::view(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(_prepared->handle, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(_prepared->handle, column))) : std::string_view();
}

bool Statement::isNull(int column) const { return sqlite3_column_type(_prepared->handle, column) == SQLITE_NULL; }

std::optional<TimePoint> Statement::optionalTime(int column) const { return isNull(column) ? std::nullopt : std::optional(time(column)); }

std::optional<std::int64_t> Statement::optionalInteger(int column) const
{
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Statement::optionalText(int column) const { return isNull(column) ? std::nullopt : std::optional(text(column)); }

void Statement::check(int code) const
{
    if (code != SQLITE_OK) throwFor(code, sqlite3_db_handle(_prepared->handle), *_file);
}

} // namespace carillon::sqlite
