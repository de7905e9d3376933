/*
 * check_online: what of the documents only the network can say, for 'calctl check --online'.
 */
#ifndef CALCTL_CHECK_ONLINE_H
#define CALCTL_CHECK_ONLINE_H

#include "documents.h"

/* Asks about links and mentions where the charter wants that, and adds what is found to the documents'
 * findings. */
bool check_documents_online(struct documents *documents, instant now, struct error *err);

#endif
