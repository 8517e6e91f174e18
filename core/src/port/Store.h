#pragma once

#include "carillon/UnitOfWork.h"

#include <string>

namespace carillon::port
{

class Ledger;
class DeadLetters;
class RateLimiter;
class Lease;
class Delays;
class PushLedger;

} // namespace carillon::port

namespace carillon::notification
{
class NotificationRepository;
class DeviceRegistry;
} // namespace carillon::notification

namespace carillon::port
{

/// One database with all its ports. Thread-safe. The ports live as long as the store.
class Store
{
public:
    virtual ~Store();

    /// For people and logs, without secrets: `sqlite /var/lib/carillon/carillon.db`.
    virtual std::string description() const = 0;

    /// Creates or migrates the schema; one migrator at a time. Throws ConfigurationError when the database is newer than this program.
    virtual void setUp() = 0;

    /// Throws StoreError when it cannot be read and written now.
    virtual void check() = 0;

    virtual Ledger& ledger() = 0;
    virtual DeadLetters& deadLetters() = 0;
    virtual RateLimiter& rateLimiter() = 0;
    virtual Lease& lease() = 0;
    virtual Delays& delays() = 0;
    virtual PushLedger& pushLedger() = 0;
    virtual notification::NotificationRepository& notifications() = 0;
    virtual notification::DeviceRegistry& devices() = 0;
};

} // namespace carillon::port
