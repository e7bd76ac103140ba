from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pipeline', '0003_mark_waits'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='asked_by',
            field=models.UUIDField(null=True),
        ),
    ]
