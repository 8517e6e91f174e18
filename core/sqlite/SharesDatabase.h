#pragma once

namespace carillon::sqlite
{

class Database;

/// Implemented by the SQLite transport and the SQLite store, so that each can find out, by dynamic_cast, whether the other is on the same
/// Database object and can take part in its transactions.
class SharesDatabase
{
public:
    virtual ~SharesDatabase();
    virtual const Database& database() const = 0;
};

} // namespace carillon::sqlite
