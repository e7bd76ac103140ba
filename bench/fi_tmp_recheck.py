NEEDS_SERVICES = True
import sys; sys.path.insert(0,'/work/main')
import time, resource
from bench import product
product.set_up()
from bench import planilla_fill as b
from pipeline.advance import advance
from pipeline.models import Run
from planillas import starting, staleness, fill
from planillas.models import *
from documents.models import Block
from schools.ids import RunId
from schools.scope import school_scope
n=int(sys.argv[1])
m=product.new_director(); cols=b._columns(60); d=b._document(m,cols,n)
with school_scope(m.school_id): t=b._template(cols)
p=starting.start(m,template_id=t,documents=[d])
with school_scope(m.school_id): r=Run.objects.get(subject_id=p.pk).pk
t0=time.monotonic(); advance(m.school_id,RunId(r)); print('fill',time.monotonic()-t0)
class W:
    school_id=m.school_id; subject_id=d
    def report(self,a,b): pass
    def hold(self): pass
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024
with school_scope(m.school_id): rr=Run.objects.get(pk=r); pp=Planilla.objects.get(pk=p.pk); print(rr.state,rr.error_detail,rr.stage,pp.state,Row.objects.filter(planilla=p).count())
t0=time.monotonic(); staleness.recheck(W()); print('recheck same',time.monotonic()-t0,peak())
with school_scope(m.school_id):
    for blk in Block.objects.filter(document_id=d).order_by('ordinal')[:40]:
        c=[list(x) for x in blk.cells]
        for row in c[1:]:
            row[6]='999'
        blk.cells=c; blk.text='\n'.join(' | '.join(x) for x in c)
        pl=dict(blk.place); blk.place=pl; blk.save()
t0=time.monotonic(); staleness.recheck(W()); print('recheck some changed',time.monotonic()-t0,peak())
with school_scope(m.school_id): print('stale rows',Row.objects.filter(planilla=p,stale__gt=0).count(), Source.objects.get(planilla=p).why_stale)
t0=time.monotonic(); starting.refill(m,p.pk); 
with school_scope(m.school_id): r=Run.objects.get(subject_id=p.pk,kind='refilling').pk
advance(m.school_id,RunId(r)); print('refill',time.monotonic()-t0,peak())
with school_scope(m.school_id):
    print('stale rows',Row.objects.filter(planilla=p,stale__gt=0).count(), Edit.objects.filter(planilla=p).count())
    from documents.models import Document
    from django.utils import timezone
    Document.objects.filter(pk=d).update(deleted_at=timezone.now())
t0=time.monotonic(); staleness.recheck(W()); print('recheck removed',time.monotonic()-t0,peak())
with school_scope(m.school_id): print('stale rows',Row.objects.filter(planilla=p,stale__gt=0).count())
