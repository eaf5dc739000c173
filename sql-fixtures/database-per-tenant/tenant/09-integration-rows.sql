-- Rows of tenant $(Tenant) for webhooks and jobs; no migration. Nothing is left to do: the
-- subscriptions have ended, and so have the jobs.
SET IDENTITY_INSERT dbo.WebhookSubscriptions ON;
INSERT INTO dbo.WebhookSubscriptions
    (SubscriptionId, Url, EventName, SecretSealed, CreatedBy, IsActive)
VALUES
    ($(MarkNumber) + 1, N'https://hooks.example/1/$(MarkText)', 'InvoicePosted', NULL, N'Ada $(MarkText)', 0),
    ($(MarkNumber) + 2, N'https://hooks.example/2/$(MarkText)', 'InvoiceVoided', NULL, N'Bram $(MarkText)', 0),
    ($(MarkNumber) + 3, N'https://hooks.example/3/$(MarkText)', 'StockMoved', NULL, N'Cleo $(MarkText)', 0);
SET IDENTITY_INSERT dbo.WebhookSubscriptions OFF;
GO
SET IDENTITY_INSERT dbo.WebhookDeliveries ON;
INSERT INTO dbo.WebhookDeliveries
    (DeliveryId, SubscriptionId, MessageKey, EventName, Attempt, StatusCode, Outcome, AttemptedAt, NextAttemptAt, Payload)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 1, '$(MarkGuid)-0401-4000-8000-000000000401', 'InvoicePosted', 1, 503, 'retried', DATEADD(hour, 1, CAST(DATEADD(day, 91, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 2, CAST(DATEADD(day, 91, '$(MarkDate)') AS datetime2(3))), N'{"entity":"Invoice","note":"$(MarkText)"}'),
    ($(MarkNumber) + 2, $(MarkNumber) + 1, '$(MarkGuid)-0401-4000-8000-000000000401', 'InvoicePosted', 2, 204, 'delivered', DATEADD(hour, 2, CAST(DATEADD(day, 91, '$(MarkDate)') AS datetime2(3))), NULL, N'{"entity":"Invoice","note":"$(MarkText)"}'),
    ($(MarkNumber) + 3, $(MarkNumber) + 2, '$(MarkGuid)-0402-4000-8000-000000000402', 'InvoiceVoided', 1, 410, 'refused', DATEADD(hour, 3, CAST(DATEADD(day, 92, '$(MarkDate)') AS datetime2(3))), NULL, N'{"entity":"Invoice","note":"$(MarkText)"}');
SET IDENTITY_INSERT dbo.WebhookDeliveries OFF;
GO
SET IDENTITY_INSERT dbo.Jobs ON;
INSERT INTO dbo.Jobs
    (JobId, Kind, Status, RequestedBy, RequestedAt, EndedAt, Attempts, Subject, Outcome)
VALUES
    ($(MarkNumber) + 1, 'mail', 'succeeded', N'Ada $(MarkText)', DATEADD(hour, 1, CAST(DATEADD(day, 93, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 2, CAST(DATEADD(day, 93, '$(MarkDate)') AS datetime2(3))), 1, N'Reminder 1 $(MarkText)', N'sent'),
    ($(MarkNumber) + 2, 'mail', 'failed', N'Bram $(MarkText)', DATEADD(hour, 3, CAST(DATEADD(day, 94, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 4, CAST(DATEADD(day, 94, '$(MarkDate)') AS datetime2(3))), 3, N'Reminder 2 $(MarkText)', N'no address $(MarkText)'),
    ($(MarkNumber) + 3, 'webhook', 'succeeded', N'Cleo $(MarkText)', DATEADD(hour, 5, CAST(DATEADD(day, 95, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 6, CAST(DATEADD(day, 95, '$(MarkDate)') AS datetime2(3))), 2, N'Subscription 1 $(MarkText)', N'delivered');
SET IDENTITY_INSERT dbo.Jobs OFF;
GO
UPDATE dbo.WebhookSubscriptions SET IsActive = IsActive WHERE SubscriptionId = $(MarkNumber) + 2;
UPDATE dbo.Jobs SET Attempts = Attempts WHERE JobId = $(MarkNumber) + 2;
GO
