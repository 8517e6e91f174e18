// The store's contract, run for SQLite.
#include "contract/store/ConcurrencyContract.h"
#include "contract/store/DeadLettersContract.h"
#include "contract/store/DelaysContract.h"
#include "contract/store/LeaseContract.h"
#include "contract/store/LedgerContract.h"
#include "contract/store/OutboxContract.h"
#include "contract/store/RateLimiterContract.h"
#include "contract/store/RateLimiterProperty.h"
#include "contract/store/RepositoriesContract.h"
#include "contract/store/SqliteUnderTest.h"
#include "contract/store/TransactionContract.h"

namespace carillon::tests::store
{

CARILLON_RUN_STORE_CONTRACT(LedgerContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(TransactionContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(OutboxContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(DeadLettersContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(RateLimiterContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(RateLimiterProperty, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(LeaseContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(DelaysContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(PushLedgerContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(NotificationsContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(DevicesContract, SqliteUnderTest);
CARILLON_RUN_STORE_CONTRACT(ConcurrencyContract, SqliteUnderTest);

} // namespace carillon::tests::store
